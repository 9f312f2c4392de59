package io.smartedit.worker;

import static java.util.Objects.requireNonNull;

import io.smartedit.editor.EditOptions;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.FailureKind;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Traces;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.WebImages;
import io.smartedit.worker.Stopwatch.Stage;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A worker: takes requests, edits, stores, and answers each request with an outcome, in one Kafka
 * transaction with the offset.
 *
 * <p>One thread owns the consumer and keeps polling however long an edit takes; one thread owns the
 * model; a small pool fetches and stores. Between them lie queues of bounded length. {@link #close}
 * drains: no new records are taken and those under way are finished, for a limited time.
 */
public final class Worker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final String REQUEST_ID = "requestId";
  private static final int STORE_THREADS = 4;
  private static final Duration WEB_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration DRAIN = Duration.ofSeconds(60);
  private static final long MAX_BODY = 1024;
  private static final long TURNS_MILLIS = 300;

  private final WorkerSettings settings;
  private final Clock clock;
  private final Outcomes outcomes;
  private final WebImages web;
  private final Images images;
  private final Device device;
  private final EditOptions defaults;
  private final Turns turns;
  private final HttpEndpoint endpoint;
  private final WorkerMeters meters;
  private final Traces traces;
  private final WorkerSpans spans;
  private final Cancellations cancellations;
  private final ProgressTeller progress;
  private final RequestLoop loop;
  private final ExecutorService storeThreads =
      Executors.newFixedThreadPool(STORE_THREADS, task -> new Thread(task, "store"));
  private final ScheduledExecutorService turnsThread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "turns"));
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicInteger left = new AtomicInteger();
  private volatile boolean closing;
  private volatile @Nullable Throwable death;

  /** A job's outcome, to be published by the thread that owns the consumer. */
  record Answer(Job job, EditOutcome outcome) {}

  /** The worker owns the engine and nothing else that is handed in. */
  public Worker(
      WorkerSettings settings,
      SchemaRegistry registry,
      ObjectStore store,
      Engine engine,
      Clock clock) {
    this.settings = settings;
    this.clock = clock;
    outcomes = new Outcomes(settings, clock);
    traces = Traces.to(settings.traces(), "gpu-worker", settings.workerId());
    spans = new WorkerSpans(traces.tracer());
    web = new WebImages(settings.sources(), WEB_TIMEOUT);
    Retry retry = new Retry(settings.storeRetry(), () -> closing);
    images = new Images(store, web, settings, retry);
    device = new Device(engine, settings.batch(), settings.maxInFlight() + 8, new Hearing());
    defaults = engine.defaults();
    turns = new Turns(settings.sourceWait());
    cancellations = new Cancellations(KafkaClients.cancellations(settings), registry, this::die);
    progress =
        new ProgressTeller(
            KafkaClients.producer(settings, registry, false), settings.workerId(), clock);
    KafkaConsumer<String, byte[]> consumer = KafkaClients.requests(settings);
    loop =
        new RequestLoop(
            settings,
            consumer,
            new OutcomePublisher(() -> KafkaClients.producer(settings, registry, true)),
            new EventDeserializer<>(registry, EditRequested.getClassSchema()),
            outcomes,
            clock);
    endpoint = new HttpEndpoint(MAX_BODY, this::isReady).start(settings.host(), settings.port());
    meters = new WorkerMeters(endpoint.meters(), loop::openCount, consumer);
  }

  /** Starts all threads; returns at once. */
  public void start() {
    device.start(this::die);
    cancellations.start();
    var unused =
        turnsThread.scheduleWithFixedDelay(
            () -> turns.due().forEach(this::accept),
            TURNS_MILLIS,
            TURNS_MILLIS,
            TimeUnit.MILLISECONDS);
    Thread thread = new Thread(this::consume, "requests");
    thread.start();
  }

  /** Whether the model is warm and the worker has not failed. */
  public boolean isReady() {
    return device.isReady() && death == null && !closing;
  }

  /** Port of the HTTP side: health and metrics. */
  public int port() {
    return endpoint.port();
  }

  /** Why the worker ended by itself, where it did. */
  public Optional<Throwable> death() {
    return Optional.ofNullable(death);
  }

  /** Waits until the worker has ended, by {@link #close} or by itself. */
  public void await() throws InterruptedException {
    ended.await();
  }

  @Override
  public void close() {
    closing = true;
    try {
      if (!ended.await(DRAIN.toSeconds() + 30, TimeUnit.SECONDS)) {
        LOG.warn("worker {} did not end in time", settings.workerId());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void consume() {
    try {
      cancellations.await();
      loop.run(new Taking(), DRAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      die(e);
    } finally {
      device.close();
      cancellations.close();
      turnsThread.shutdownNow();
      storeThreads.shutdownNow();
      web.close();
      progress.close();
      traces.close();
      meters.close();
      endpoint.close();
      ended.countDown();
    }
  }

  private void die(Throwable cause) {
    if (death == null) {
      LOG.error("worker {} ends", settings.workerId(), cause);
      death = cause;
    }
  }

  private void accept(Job job) {
    storeThreads.execute(() -> fetch(job));
  }

  private void fetch(Job job) {
    answering(
        job,
        () -> {
          if (job.ledger.isAbandoned()) {
            return;
          }
          RequestCheck.check(job.request, settings.sources(), settings.modelName());
          if (job.attempt > WorkerSettings.MAX_DEATHS) {
            throw EditFailure.failed(
                FailureKind.INTERNAL,
                "the worker died " + WorkerSettings.MAX_DEATHS + " times over this request");
          }
          long start = System.nanoTime();
          Optional<EditResult> earlier = images.earlier(job);
          if (earlier.isPresent()) {
            answer(job, outcomes.edited(job, earlier.get()));
            return;
          }
          Optional<String> source = source(job);
          if (source.isEmpty()) {
            return; // it waits
          }
          job.edit = images.fetch(job.request, source.get(), defaults);
          job.watch.add(Stage.FETCHED, start);
          device.submit(job);
        });
  }

  /** Where the source lies; none where the job has to wait for it. */
  private Optional<String> source(Job job) throws InterruptedException {
    Optional<String> origin = Turns.origin(job);
    if (origin.isEmpty()) {
      return Optional.of(job.request.getSource());
    }
    Optional<EditFailure> reason = reasonToLeave(job);
    if (reason.isPresent()) {
      throw reason.get();
    }
    Optional<ObjectName> image = turns.image(job, origin.get());
    if (image.isEmpty()) {
      image = images.resultOf(origin.get(), job);
    }
    if (image.isEmpty()) {
      turns.await(job, origin.get());
    }
    return image.map(ObjectName::toString);
  }

  private Optional<EditFailure> reasonToLeave(Job job) {
    if (cancellations.contains(job.request)) {
      return Optional.of(
          new EditFailure(Status.CANCELLED, FailureKind.REJECTED, "cancelled by the client"));
    }
    if (job.isExpired(clock.instant())) {
      return Optional.of(
          new EditFailure(
              Status.EXPIRED, FailureKind.REJECTED, "its deadline passed before it was finished"));
    }
    return Optional.empty();
  }

  private void store(Job job) {
    answering(
        job,
        () -> {
          long start = System.nanoTime();
          EditResult result = images.store(job, requireNonNull(job.edited, "not edited"));
          job.watch.add(Stage.STORED, start);
          answer(job, outcomes.edited(job, result));
        });
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  /** Runs a part of a job; whatever goes wrong becomes its answer. */
  @SuppressWarnings("try") // the id is there for the log
  private void answering(Job job, Work work) {
    try (MDC.MDCCloseable id = MDC.putCloseable(REQUEST_ID, job.request.getRequestId())) {
      work.run();
    } catch (EditFailure e) {
      answer(job, outcomes.failed(job, e));
    } catch (InterruptedException e) {
      left.incrementAndGet(); // closing: another worker takes the record
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("request {} failed", job.request.getRequestId(), e);
      answer(
          job,
          outcomes.failed(
              job,
              EditFailure.failed(
                  FailureKind.INTERNAL,
                  "internal error; the worker's log has it under this request's id")));
    }
  }

  private void answer(Job job, EditOutcome outcome) {
    progress.ended(job);
    turns.answered(outcome);
    meters.answered(outcome);
    answers.add(new Answer(job, outcome));
    spans.answered(job, outcome);
    LOG.info(
        "request {} {} attempt {} cost {}",
        outcome.getRequestId(),
        outcome.getStatus(),
        job.attempt,
        outcome.getCost());
  }

  private final class Taking implements RequestLoop.Jobs {
    @Override
    public void accept(Job job) {
      Worker.this.accept(job);
    }

    @Override
    public Optional<Answer> answer() {
      return Optional.ofNullable(answers.poll());
    }

    @Override
    public int idle() {
      return turns.count() + left.get();
    }

    @Override
    public boolean isStopping() {
      return closing || death != null;
    }
  }

  private final class Hearing implements Device.Listener {
    @Override
    public Optional<EditFailure> reasonToLeave(Job job) {
      return Worker.this.reasonToLeave(job);
    }

    @Override
    public void stepped(Job job) {
      progress.stepped(job);
    }

    @Override
    public void edited(Job job) {
      storeThreads.execute(() -> store(job));
    }

    @Override
    public void failed(Job job, EditFailure failure) {
      answer(job, outcomes.failed(job, failure));
    }
  }
}
