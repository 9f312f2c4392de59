package io.smartedit.editor.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class EulerAncestralTest {

  @Property(tries = 100)
  void sigmasFallStrictlyToZero(@ForAll @IntRange(min = 1, max = 1000) int steps) {
    EulerAncestral schedule = EulerAncestral.of(NoiseSchedule.STABLE_DIFFUSION, steps);

    for (int i = 0; i < steps; i++) {
      assertThat(schedule.sigma(i)).isGreaterThan(schedule.sigma(i + 1));
    }
    assertThat(schedule.sigma(steps)).isZero();
    assertThat(schedule.timestep(steps - 1)).isZero();
  }

  @Property(tries = 50)
  void theLastStepReturnsThePredictedImageWhateverTheNoise(
      @ForAll @IntRange(min = 1, max = 50) int steps, @ForAll int seed) {
    EulerAncestral schedule = EulerAncestral.of(NoiseSchedule.STABLE_DIFFUSION, steps);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray latents = noise(manager, seed, 0);
      NDArray denoised = noise(manager, seed, 1);

      NDArray result = schedule.step(latents, denoised, steps - 1, noise(manager, seed, 2));

      assertThat(result.sub(denoised).abs().max().getFloat()).isLessThan(1e-5f);
    }
  }

  @Test
  void firstSigmaIsTheSchedulesLast() {
    // diffusers 0.31.0, EulerAncestralDiscreteScheduler, betas 0.00085..0.012 scaled_linear
    EulerAncestral schedule = EulerAncestral.of(NoiseSchedule.STABLE_DIFFUSION, 6);

    assertThat(schedule.sigma(0)).isCloseTo(14.6146, within(1e-4));
    assertThat(schedule.timestep(1)).isCloseTo(799.2, within(1e-9));
  }

  @Test
  void stepsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> EulerAncestral.of(NoiseSchedule.STABLE_DIFFUSION, 0))
        .hasMessageContaining("steps is 0");
    assertThatThrownBy(() -> EulerAncestral.of(NoiseSchedule.STABLE_DIFFUSION, 1001))
        .hasMessageContaining("1001");
  }

  @Test
  void seededNoiseIsAFunctionOfSeedAndIndex() {
    NoiseSource noise = NoiseSource.seeded(42);

    assertThat(noise.gaussian(3, 100)).isEqualTo(NoiseSource.seeded(42).gaussian(3, 100));
    assertThat(noise.gaussian(3, 100)).isNotEqualTo(noise.gaussian(4, 100));
    assertThat(noise.gaussian(3, 100)).isNotEqualTo(NoiseSource.seeded(43).gaussian(3, 100));
    assertThat(noise.gaussian(3, 99)).startsWith(noise.gaussian(3, 50));
  }

  @Test
  void seededNoiseIsStandardNormal() {
    float[] noise = NoiseSource.seeded(7).gaussian(0, 100_000);
    double sum = 0;
    double squares = 0;
    int beyondTwo = 0;
    for (float value : noise) {
      sum += value;
      squares += value * value;
      beyondTwo += Math.abs(value) > 2 ? 1 : 0;
    }

    assertThat(sum / noise.length).isCloseTo(0, within(0.01));
    assertThat(squares / noise.length).isCloseTo(1, within(0.02));
    assertThat(beyondTwo / (double) noise.length).isCloseTo(0.0455, within(0.003));
  }

  private static NDArray noise(NDManager manager, int seed, int index) {
    return manager.create(NoiseSource.seeded(seed).gaussian(index, 16));
  }
}
