package io.smartedit.worker;

import io.smartedit.store.ObjectStore;
import io.smartedit.store.WebImages;
import io.smartedit.worker.LookupStage.TakenJob;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * The stages that a job goes through, joined: look up, fetch, prepare, denoise (which encodes the
 * condition before and decodes the latents after), encode, store. Bytes are bounded across all
 * jobs: those of sources that were read, and those of images being decoded or encoded.
 */
final class Pipeline implements AutoCloseable {

  private static final int CODEC_THREADS = 2;
  private static final int STORE_THREADS = 4;

  /** Of what images may take: decoded sources that may come again. */
  private static final int KEPT_SOURCES = 8;

  /** Of the heap: sources that were read and are not decoded yet. */
  private static final int ENCODED_SHARE = 8;

  private final StagePool<TakenJob> lookup;
  private final Admission admission;
  private final DenoiseLoop device;
  private final StagePool<DecodedEdit> encode;
  private final List<StagePool<?>> pools;

  /** What the stages work with. */
  record Tools(
      WorkerSettings settings,
      ObjectStore store,
      WebImages web,
      ImageEditor editor,
      Clock clock,
      DependentRequests dependents,
      ProgressPublisher progress) {}

  /**
   * @param noted says outside this process what is noted of records; whether it is there
   */
  Pipeline(
      Tools tools,
      StagePool.Services services,
      Predicate<Collection<Receipt>> noted,
      Fairness rules) {
    WorkerSettings settings = tools.settings();
    JobEndings endings = services.endings();
    ResultStore results = new ResultStore(tools.store(), settings.outputBucket());
    ByteBudget images = new ByteBudget(settings.imageBytes());
    ByteBudget sources = new ByteBudget(Runtime.getRuntime().maxMemory() / ENCODED_SHARE);
    ByteBudget none = new ByteBudget(Long.MAX_VALUE);
    BatchLimit limit =
        settings.batch().measured()
            ? BatchLimit.measured(settings.batch().most(), tools.editor()::freeMemory)
            : BatchLimit.fixed(settings.batch().most());
    Admission.Arrivals arrivals = new Admission.Arrivals();

    // From its end to its beginning: each stage is given the next.
    StagePool<EncodedImage> store =
        new StagePool<>(
            new StoreStage(results, endings, this::encode).plan(none),
            threads("store", STORE_THREADS),
            services);
    encode =
        new StagePool<>(
            new EncodeStage(
                    settings.modelName(),
                    settings.maxSourceBytes(),
                    settings.signing().signer(tools.clock()),
                    store::accept)
                .plan(images),
            threads("encode", CODEC_THREADS),
            services);
    device =
        new DenoiseLoop(
            tools.editor(),
            limit,
            settings.shares(),
            endings,
            services.leaving(),
            tools.progress(),
            encode::accept);
    StagePool<FetchedImage> prepare =
        new StagePool<>(
            new PrepareStage(
                    tools.editor(),
                    settings.maxSourceBytes(),
                    new SourceCache(settings.imageBytes() / KEPT_SOURCES),
                    tools.clock(),
                    arrivals.prepared()::add)
                .plan(images),
            threads("prepare", CODEC_THREADS),
            services);
    StagePool<ResolvedRequest> fetch =
        new StagePool<>(
            new FetchStage(
                    tools.store(),
                    tools.web(),
                    settings.maxSourceBytes(),
                    tools.clock(),
                    prepare::accept)
                .plan(sources),
            threads("fetch", settings.maxInFlight()),
            services);
    admission = new Admission(arrivals, limit, noted, rules, fetch::accept, device::accept);
    lookup =
        new StagePool<>(
            new LookupStage(
                    settings,
                    tools.editor().defaults(),
                    tools.editor().adapters(),
                    results,
                    tools.dependents(),
                    endings,
                    arrivals.resolved()::add)
                .plan(none),
            threads("lookup", STORE_THREADS),
            services);
    pools = List.of(lookup, fetch, prepare, encode, store);
  }

  /** The store stage's next is the one before it. */
  private void encode(DecodedEdit edit) {
    encode.accept(edit);
  }

  private static ExecutorService threads(String name, int count) {
    return Executors.newFixedThreadPool(count, task -> new Thread(task, name));
  }

  /** Takes a job at the beginning. */
  void accept(Job job) {
    lookup.accept(new TakenJob(job));
  }

  Admission admission() {
    return admission;
  }

  DenoiseLoop device() {
    return device;
  }

  /** Ends all threads; jobs under way are left. */
  @Override
  public void close() {
    device.close();
    pools.forEach(StagePool::close);
  }
}
