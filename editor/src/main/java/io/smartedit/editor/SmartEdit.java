package io.smartedit.editor;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.composite.Composite;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.NotANumberException;
import io.smartedit.editor.image.Provenance;
import io.smartedit.editor.nn.Computing;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.Assembler;
import io.smartedit.editor.pipeline.Condition;
import io.smartedit.editor.pipeline.Conditioner;
import io.smartedit.editor.pipeline.ContentCache;
import io.smartedit.editor.pipeline.Denoiser;
import io.smartedit.editor.pipeline.Reuse;
import io.smartedit.editor.pipeline.Slot;
import io.smartedit.editor.pipeline.WorkingSize;
import io.smartedit.editor.scheduler.NoiseSchedule;
import io.smartedit.editor.scheduler.NoiseSource;
import io.smartedit.editor.scheduler.Schedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An image editor that follows instructions: SmartEdit and its variants.
 *
 * <p>{@link #edit} makes one edit. For a stream of them, {@link #begin} reads a request into an
 * {@link Edit}, {@link #step} denoises any number of edits by one step each, {@link #finish}
 * decodes one that is done; edits may join and leave between steps and do not influence one
 * another. All methods must be called from one thread at a time.
 *
 * <p>Failures: {@link BadRequestException} for what the request got wrong; {@code
 * CheckpointException} and {@code WeightsException} for what the model folder lacks.
 */
public final class SmartEdit implements AutoCloseable {

  /** Of this software, as events and edited images say it. */
  public static final String VERSION = Provenance.VERSION;

  private final Assembler assembler;
  private final Settings settings;
  private final NoiseSchedule schedule;
  private final int factor;
  private final int viewSide;
  private final ContentCache cache;
  private @Nullable Conditioner conditioner;
  private @Nullable Denoiser denoiser;

  private SmartEdit(Assembler assembler, Settings settings) {
    this.assembler = assembler;
    this.settings = settings;
    this.schedule = assembler.schedule();
    this.factor = assembler.factor();
    this.viewSide = assembler.viewSide(settings.variant());
    this.cache = new ContentCache(settings.cacheBytes());
  }

  /**
   * How a model is held.
   *
   * @param encoder where the vision encoder and the LLM lie
   * @param denoiser where the UNet and the autoencoder lie
   * @param releaseEncoder whether the encoder's weights are freed after each reading, before the
   *     denoiser's are loaded, so that both never lie in memory together; every edit then loads the
   *     encoder again
   * @param cacheBytes of Java's memory at most, for what the nets made of images and instructions
   *     that may come again
   * @param adapters that edits may name
   */
  public record Settings(
      Variant variant,
      Placement encoder,
      Placement denoiser,
      boolean releaseEncoder,
      long cacheBytes,
      AdapterFiles adapters) {

    /** 64 MiB. */
    public static final long DEFAULT_CACHE_BYTES = 64L << 20;

    /** Without adapters. */
    public Settings(
        Variant variant,
        Placement encoder,
        Placement denoiser,
        boolean releaseEncoder,
        long cacheBytes) {
      this(variant, encoder, denoiser, releaseEncoder, cacheBytes, AdapterFiles.NONE);
    }

    /** The same with these adapters. */
    public Settings with(AdapterFiles others) {
      return new Settings(variant, encoder, denoiser, releaseEncoder, cacheBytes, others);
    }

    /** With a cache of the default size. */
    public Settings(
        Variant variant, Placement encoder, Placement denoiser, boolean releaseEncoder) {
      this(variant, encoder, denoiser, releaseEncoder, DEFAULT_CACHE_BYTES);
    }

    /** SmartEdit on the processor in single precision. */
    public static final Settings DEFAULT =
        new Settings(Variant.SMARTEDIT, Placement.CPU, Placement.CPU, false);
  }

  /** Opens a model folder; weights are read when first needed, or by {@link #load}. */
  public static SmartEdit open(Path model, Settings settings) {
    return new SmartEdit(new Assembler(ModelFolder.open(model)), settings);
  }

  /** How the model's makers would edit; SmartEdit's published options where they say nothing. */
  public EditOptions defaults() {
    return assembler.options();
  }

  /** Names of the adapters that edits may have. */
  public SortedSet<String> adapters() {
    return new TreeSet<>(settings.adapters().places().keySet());
  }

  /** Reads all weights now, as far as they may lie in memory together. */
  public void load() {
    if (!settings.releaseEncoder()) {
      conditioner();
    }
    denoiser();
  }

  /**
   * Waits until nobody in this process computes, and lets nobody begin again. To be called where
   * the process ends by a signal: it would crash if libtorch were torn down under a computation.
   */
  public static void endComputing() {
    Computing.end();
  }

  /** Makes one edit from beginning to end. */
  public EditedImage edit(EditRequest request, EditObserver observer) {
    return edit(request, 1, observer).get(0);
  }

  /**
   * Makes several edits of one request, with the seeds seed, seed + 1 and so on; image and
   * instruction are read once for all of them.
   */
  public List<EditedImage> edit(EditRequest request, int variants, EditObserver observer) {
    List<Edit> edits = begin(prepare(request), request, variants, observer);
    try {
      observer.stage(EditObserver.Stage.DENOISING);
      Slot first = edits.get(0).slot;
      while (!first.isDone()) {
        if (observer.isCancelled()) {
          throw new EditCancelledException(first.step(), first.steps());
        }
        step(edits);
        observer.step(first.step(), first.steps());
      }
      observer.stage(EditObserver.Stage.DEVELOPING);
      return edits.stream().map(this::finish).toList();
    } finally {
      edits.forEach(Edit::close);
    }
  }

  /**
   * Reduces a request to what the model reads of it. May be called from any thread.
   *
   * @throws BadRequestException if it wants more steps than the model was trained on, or adapters
   *     that are not there
   */
  public PreparedRequest prepare(EditRequest request) {
    settings.adapters().check(request.options().adapters());
    int steps = request.options().steps();
    if (steps > schedule.trainingSteps()) {
      throw new BadRequestException(
          "steps is " + steps + ", the model has " + schedule.trainingSteps());
    }
    Image source = request.source().view();
    WorkingSize size = workingSize(source, request.options());
    Image working = Bicubic.resize(source, size.width(), size.height());
    Image view = viewSide == 0 ? working : Bicubic.resize(source, viewSide, viewSide);
    return PreparedRequest.of(request, working, view);
  }

  /** Looks, reads, summarises and interacts: everything before denoising. */
  public Edit begin(EditRequest request, EditObserver observer) {
    return begin(request, NoiseSource.seeded(request.options().seed()), observer, Tap.NONE);
  }

  /** The same of a prepared request, whose edit is {@link #decode}d and not finished. */
  public Edit begin(PreparedRequest request, EditObserver observer) {
    NoiseSource noise = NoiseSource.seeded(request.options().seed());
    return begin(request, null, noise, observer, Tap.NONE);
  }

  /**
   * Several edits of one prepared request, with the seeds seed, seed + 1 and so on. Each equals the
   * edit that begins alone with its seed; image and instruction are read once for all of them.
   */
  public List<Edit> begin(PreparedRequest request, int variants, EditObserver observer) {
    return begin(request, null, variants, observer);
  }

  private List<Edit> begin(
      PreparedRequest request, @Nullable EditRequest whole, int variants, EditObserver observer) {
    NoiseSource first = NoiseSource.seeded(request.options().seed());
    List<Edit> edits = new ArrayList<>();
    edits.add(begin(request, whole, first, observer, Tap.NONE));
    try {
      while (edits.size() < variants) {
        PreparedRequest other = request.withSeed(request.options().seed() + edits.size());
        NoiseSource noise = NoiseSource.seeded(other.options().seed());
        Slot slot = denoiser().openBeside(edits.get(0).slot, noise);
        edits.add(new Edit(other, whole, slot, Reuse.of(cache)));
      }
    } catch (RuntimeException e) {
      edits.forEach(Edit::close);
      throw explained(e);
    }
    return edits;
  }

  /** As {@link #begin(EditRequest, EditObserver)}, with noise given and every tensor shown. */
  public Edit begin(EditRequest request, NoiseSource noise, EditObserver observer, Tap tap) {
    return begin(prepare(request), request, noise, observer, tap);
  }

  private Edit begin(
      PreparedRequest request,
      @Nullable EditRequest whole,
      NoiseSource noise,
      EditObserver observer,
      Tap tap) {
    EditOptions options = request.options();
    Schedule steps = options.sampler().schedule(schedule, options.steps());
    WorkingSize size = workingSize(request);
    NDManager manager = NDManager.newBaseManager(settings.denoiser().device(), "PyTorch");
    try {
      // A tap sees everything computed.
      Reuse reuse = tap == Tap.NONE ? Reuse.of(cache) : Reuse.none();
      String rest = size.latentWidth() + "x" + size.latentHeight() + " " + request.instruction();
      Condition condition =
          reuse.condition(
              request.view(), rest, manager, () -> read(manager, request, reuse, observer, tap));
      Slot.Plan plan = new Slot.Plan(steps, options.guidance(), noise, options.adapters());
      Slot slot = denoiser().open(manager, request.working(), condition, plan, reuse, tap);
      return new Edit(request, whole, slot, reuse);
    } catch (RuntimeException e) {
      manager.close();
      throw explained(e);
    }
  }

  private Condition read(
      NDManager manager, PreparedRequest request, Reuse reuse, EditObserver observer, Tap tap) {
    observer.stage(EditObserver.Stage.LOADING);
    check(request.instruction());
    observer.stage(EditObserver.Stage.READING);
    WorkingSize size = workingSize(request);
    Condition condition =
        conditioner().condition(manager, request.view(), request.instruction(), size, reuse, tap);
    if (settings.releaseEncoder()) {
      releaseEncoder();
    }
    return condition;
  }

  /**
   * One denoising step of each edit; edits of one {@linkplain PreparedRequest#kind kind} share a
   * UNet call.
   *
   * @throws OutOfDeviceMemoryException where fewer edits at once may fit
   */
  public void step(List<Edit> edits) {
    Map<String, List<Slot>> batches = new LinkedHashMap<>();
    for (Edit edit : edits) {
      batches.computeIfAbsent(edit.request.kind(), key -> new ArrayList<>()).add(edit.slot);
    }
    try {
      batches.values().forEach(denoiser()::step);
    } catch (EngineException e) {
      throw explained(e);
    }
  }

  /**
   * Decodes an edit that is done, to an image of working size.
   *
   * @throws OutOfDeviceMemoryException where it may fit once other edits are done
   * @throws NotANumberException if the model's numbers ran away
   */
  public Image decode(Edit edit) {
    if (!edit.isDone()) {
      throw new IllegalStateException("edit has steps left");
    }
    try {
      return denoiser().decode(edit.slot);
    } catch (EngineException e) {
      throw explained(e);
    }
  }

  /**
   * An edit's source at working size through the autoencoder alone, which {@link Composite}
   * compares the decoded edit with.
   *
   * @throws OutOfDeviceMemoryException where it may fit once other edits are done
   */
  public Image roundTrip(Edit edit) {
    try {
      return denoiser().roundTrip(edit.slot, edit.request.working(), edit.reuse);
    } catch (EngineException e) {
      throw explained(e);
    }
  }

  /** Decodes an edit that is done and brings it to its source, as its options say. */
  public EditedImage finish(Edit edit) {
    EditOptions options = edit.request.options();
    Image decoded = decode(edit);
    EditRequest whole = edit.whole;
    if (!options.composite()) {
      return new EditedImage(edit.request.restored(decoded), options, null);
    }
    if (whole == null) {
      throw new IllegalStateException("edit was begun without its source");
    }
    Composite composite = Composite.of(whole.source(), decoded, roundTrip(edit), whole.mask());
    return new EditedImage(composite.full(), options, composite.change());
  }

  /**
   * Refuses an instruction that the model cannot read, without editing.
   *
   * @throws BadRequestException saying why
   */
  public void check(String instruction) {
    if (instruction.isBlank()) {
      throw new BadRequestException("instruction is empty");
    }
    conditioner().check(instruction);
  }

  /** Frees the encoder's weights; the next edit loads them again. */
  public void releaseEncoder() {
    if (conditioner != null) {
      conditioner.close();
      conditioner = null;
    }
  }

  /** Bytes of memory that the denoiser's device has left for this process, as far as is known. */
  public long freeMemory() {
    return DeviceMemory.free(settings.denoiser().device());
  }

  @Override
  public void close() {
    releaseEncoder();
    if (denoiser != null) {
      denoiser.close();
      denoiser = null;
    }
  }

  /** An edit between {@link #begin} and {@link #finish}; holds device memory until closed. */
  public static final class Edit implements AutoCloseable {
    final PreparedRequest request;
    final @Nullable EditRequest whole;
    final Slot slot;
    final Reuse reuse;

    private Edit(PreparedRequest request, @Nullable EditRequest whole, Slot slot, Reuse reuse) {
      this.request = request;
      this.whole = whole;
      this.slot = slot;
      this.reuse = reuse;
    }

    /** Whether all steps are done. */
    public boolean isDone() {
      return slot.isDone();
    }

    /** Steps done. */
    public int step() {
      return slot.step();
    }

    /** Rows that its next step takes of a UNet call. */
    public int rows() {
      return slot.rowsOfNext();
    }

    /** What was found in caches and not computed, by cache: how often. */
    public Map<String, Long> cacheHits() {
      return reuse.hits();
    }

    @Override
    public void close() {
      slot.close();
    }
  }

  private Denoiser denoiser() {
    if (denoiser == null) {
      denoiser = assembler.denoiser(settings.variant(), settings.denoiser(), settings.adapters());
    }
    return denoiser;
  }

  private Conditioner conditioner() {
    if (conditioner == null) {
      conditioner = assembler.conditioner(settings.variant(), settings.encoder());
    }
    return conditioner;
  }

  /** libtorch says in words only that memory ran out, on every device in its own. */
  private static RuntimeException explained(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    boolean memory = message.contains("out of memory") || message.contains("can't allocate memory");
    return e instanceof EngineException && memory ? new OutOfDeviceMemoryException(e) : e;
  }

  private WorkingSize workingSize(PreparedRequest request) {
    return new WorkingSize(request.working().width(), request.working().height(), factor);
  }

  private WorkingSize workingSize(Image source, EditOptions options) {
    if (options.fit() == EditOptions.Fit.SQUARE) {
      return new WorkingSize(options.size(), options.size(), factor);
    }
    double proportion = Math.sqrt((double) source.width() / source.height());
    return new WorkingSize(
        side(options.size() * proportion), side(options.size() / proportion), factor);
  }

  /** The nearest multiple of 8, at least one cell. */
  private int side(double pixels) {
    int grid = Math.max(factor, 8);
    return Math.max(grid, (int) Math.round(pixels / grid) * grid);
  }
}
