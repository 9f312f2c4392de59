package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.scheduler.EulerAncestral;
import io.smartedit.editor.scheduler.NoiseSource;

/**
 * One edit on its way through denoising: its latents and how far they are.
 *
 * <p>A slot depends on nothing outside itself, so it may join and leave a batch between any two
 * steps. Used by the denoiser's thread only.
 */
public final class Slot implements AutoCloseable {

  final NDManager manager;
  final Plan plan;
  final NDArray imageLatents;
  final Condition condition;
  final Tap tap;
  private NDArray latents;
  private int step;

  Slot(
      NDManager manager,
      Plan plan,
      NDArray imageLatents,
      Condition condition,
      NDArray startNoise,
      Tap tap) {
    this.manager = manager;
    this.plan = plan;
    this.imageLatents = imageLatents;
    this.condition = condition;
    this.latents = plan.schedule().start(startNoise);
    this.tap = tap;
  }

  /** How an edit is to be painted. */
  public record Plan(EulerAncestral schedule, Guidance guidance, NoiseSource noise) {

    /** UNet rows of a step: three under guidance, one without. */
    int rows() {
      return guidance.isPlain() ? 1 : 3;
    }
  }

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

  /** Takes over the latents of the next step and frees the present ones. */
  void advance(NDArray next) {
    next.attach(manager);
    latents.close();
    latents = next;
    tap.see("latents.step" + step, next);
    step++;
  }

  /** Frees the slot's arrays; safe at any point. */
  @Override
  public void close() {
    manager.close();
  }
}
