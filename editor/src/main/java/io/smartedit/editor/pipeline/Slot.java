package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.scheduler.NoiseSource;
import io.smartedit.editor.scheduler.Schedule;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One edit on its way through denoising: its latents and how far they are.
 *
 * <p>A slot depends on nothing outside itself, so it may join and leave a batch between any two
 * steps. Used by the denoiser's thread only.
 */
public final class Slot implements AutoCloseable {

  final NDManager manager;
  final Plan plan;
  final Use use;
  final NDArray imageLatents;
  final NDList readings;
  final NDArray feature;
  final Tap tap;
  private @Nullable NDArray noImage;
  private final Deque<NDArray> denoised = new ArrayDeque<>(); // newest first
  private NDArray latents;
  private NDArray base; // what the step before began with
  private int step;
  private boolean closed;

  Slot(
      NDManager manager,
      Plan plan,
      Use use,
      NDArray imageLatents,
      NDList readings,
      NDArray feature,
      NDArray startNoise,
      Tap tap) {
    this.manager = manager;
    this.plan = plan;
    this.use = use;
    this.imageLatents = imageLatents;
    this.readings = readings;
    this.feature = feature;
    this.latents = startNoise.mul(plan.schedule().start());
    this.base = latents;
    this.tap = tap;
  }

  /** How an edit is to be painted. */
  public record Plan(Schedule schedule, Guidance guidance, NoiseSource noise, Adapters adapters) {

    /** Without adapters. */
    public Plan(Schedule schedule, Guidance guidance, NoiseSource noise) {
      this(schedule, guidance, noise, Adapters.NONE);
    }

    Plan with(NoiseSource other) {
      return new Plan(schedule, guidance, other, adapters);
    }
  }

  /** The UNet that denoises a slot, and what is done once the slot no longer needs it. */
  record Use(AdaptedUNet unet, Runnable end) {}

  /** The latents at the present noise level, {@code [1, C, H, W]}; valid until the next step. */
  public NDArray latents() {
    return latents;
  }

  /** Steps done. */
  public int step() {
    return step;
  }

  /** Steps in all. */
  public int steps() {
    return plan.schedule().steps();
  }

  /** Whether the latents are clean. */
  public boolean isDone() {
    return step == steps();
  }

  /**
   * Goes on by a step.
   *
   * @param clean the latents' image as the net predicts it; the slot owns it from here on
   */
  void advance(NDArray clean) {
    Schedule schedule = plan.schedule();
    denoised.push(kept(clean));
    boolean corrects = schedule.corrects() && step > 0;
    NDArray start = corrects ? kept(sum(schedule.correction(step), base)) : latents;
    NDArray next = kept(sum(schedule.next(step), start));
    for (NDArray old : new NDArray[] {base, latents}) {
      if (old != start) {
        old.close();
      }
    }
    base = start;
    latents = next;
    while (denoised.size() > schedule.memory()) {
      denoised.removeLast().close();
    }
    tap.see("latents.step" + step, next);
    step++;
  }

  private NDArray sum(Schedule.Sum sum, NDArray from) {
    Blend blend = new Blend().add(sum.latents(), from);
    int i = 0;
    for (NDArray each : denoised) {
      blend.add(i < sum.denoised().size() ? sum.denoised().get(i) : 0, each);
      i++;
    }
    return sum.noise() == 0 ? blend.sum() : blend.add(sum.noise(), noise(step + 1)).sum();
  }

  private NDArray noise(int index) {
    Shape shape = imageLatents.getShape();
    float[] values = plan.noise().gaussian(index, Math.toIntExact(shape.size()));
    return imageLatents.getManager().create(values, shape);
  }

  /** It outlives the step's scope. */
  private NDArray kept(NDArray array) {
    NDScope.unregister(array);
    array.attach(manager);
    return array;
  }

  /** UNet rows of the next step. */
  List<Guidance.Row> rows() {
    return plan.guidance().rows(step, steps());
  }

  /** How many there are; none where it is done. */
  public int rowsOfNext() {
    return isDone() ? 0 : rows().size();
  }

  /** Image latents of a row that is shown none. */
  NDArray noImage() {
    if (noImage == null) {
      noImage = kept(manager.zeros(imageLatents.getShape()));
    }
    return noImage;
  }

  /** Frees the slot's arrays; safe at any point. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      manager.close();
      use.end().run();
    }
  }
}
