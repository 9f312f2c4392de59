package io.smartedit.editor.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ScheduleTest {

  /** Printed by diffusers; see {@code samplers/HOW.md}. */
  private static final Path GOLDEN = Path.of("src/test/resources/samplers/trajectories.json");

  static Stream<JsonNode> trajectories() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(GOLDEN.toFile()).get("cases");
    return StreamSupport.stream(cases.spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("trajectories")
  void everyStepEqualsTheReference(JsonNode golden) {
    Sampler sampler = Sampler.named(golden.get("sampler").asText());
    Schedule schedule =
        sampler.schedule(NoiseSchedule.STABLE_DIFFUSION, golden.get("steps").asInt());

    double[][] actual = run(schedule);

    for (int i = 0; i < schedule.steps(); i++) {
      assertThat(schedule.timestep(i))
          .isCloseTo(golden.get("timesteps").get(i).asDouble(), within(1e-3));
      for (int j = 0; j < actual[i].length; j++) {
        assertThat(actual[i][j])
            .as("number %s after step %s", j, i)
            .isCloseTo(golden.get("trajectory").get(i).get(j).asDouble(), within(1e-4));
      }
    }
  }

  @Property(tries = 200)
  void noiseFallsStrictlyAndEveryStepIsFinite(
      @ForAll Sampler sampler, @ForAll @IntRange(min = 1, max = 999) int steps) {
    Schedule schedule = sampler.schedule(NoiseSchedule.STABLE_DIFFUSION, steps);

    for (int i = 0; i < steps; i++) {
      assertThat(schedule.sigma(i)).isGreaterThan(schedule.sigma(i + 1));
      assertThat(schedule.next(i).latents()).isFinite();
      assertThat(schedule.next(i).denoised()).allMatch(Double::isFinite);
    }
  }

  @Property(tries = 100)
  void theLastStepReturnsThePredictedImageWhateverTheNoise(
      @ForAll Sampler sampler, @ForAll @IntRange(min = 1, max = 50) int steps) {
    if (sampler == Sampler.DDIM) {
      return; // it stops at the noise of the first training step
    }
    Schedule schedule = sampler.schedule(NoiseSchedule.STABLE_DIFFUSION, steps);

    Schedule.Sum last = schedule.next(steps - 1);

    assertThat(last.latents()).isCloseTo(0, within(1e-9));
    assertThat(last.noise()).isZero();
    assertThat(last.denoised()).hasSize(1).allSatisfy(share -> assertThat(share).isEqualTo(1));
  }

  @Test
  void firstSigmaIsTheSchedulesLast() {
    // diffusers 0.31.0, EulerAncestralDiscreteScheduler, betas 0.00085..0.012 scaled_linear
    Schedule schedule = Sampler.EULER_ANCESTRAL.schedule(NoiseSchedule.STABLE_DIFFUSION, 6);

    assertThat(schedule.sigma(0)).isCloseTo(14.6146, within(1e-4));
    assertThat(schedule.timestep(1)).isCloseTo(799.2, within(1e-9));
  }

  @Test
  void stepsOutOfRangeAreRefused() {
    for (Sampler sampler : Sampler.values()) {
      assertThatThrownBy(() -> sampler.schedule(NoiseSchedule.STABLE_DIFFUSION, 0))
          .hasMessageContaining("steps is 0");
      assertThatThrownBy(() -> sampler.schedule(NoiseSchedule.STABLE_DIFFUSION, 1001))
          .hasMessageContaining("1001");
    }
  }

  @Test
  void namesAreReadWithDashesOrUnderscores() {
    assertThat(Sampler.named("DPMPP-2M-Karras")).isEqualTo(Sampler.DPMPP_2M_KARRAS);
    assertThatThrownBy(() -> Sampler.named("plms"))
        .hasMessage(
            "sampler plms is none of euler_ancestral, euler, ddim, dpmpp_2m, dpmpp_2m_karras,"
                + " unipc");
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

  /** The net and the noise of {@code samplers/HOW.md}, over four numbers. */
  private static double[][] run(Schedule schedule) {
    double[][] trajectory = new double[schedule.steps()][4];
    for (int j = 0; j < 4; j++) {
      double x = Math.cos(1.7 * j + 0.3) * schedule.start();
      double base = x;
      Deque<Double> denoised = new ArrayDeque<>();
      for (int i = 0; i < schedule.steps(); i++) {
        double predicted = 0.3 * x * schedule.inputScale(i) + 0.1 * Math.sin(j + i);
        denoised.push(schedule.clean(i)[0] * x + schedule.clean(i)[1] * predicted);
        base = schedule.corrects() && i > 0 ? sum(schedule.correction(i), base, denoised, 0) : x;
        x = sum(schedule.next(i), base, denoised, Math.sin(2.3 * j + 0.7 * i));
        trajectory[i][j] = x;
      }
    }
    return trajectory;
  }

  private static double sum(
      Schedule.Sum shares, double latents, Deque<Double> denoised, double noise) {
    double sum = shares.latents() * latents + shares.noise() * noise;
    int i = 0;
    for (double each : denoised) {
      sum += i < shares.denoised().size() ? shares.denoised().get(i) * each : 0;
      i++;
    }
    return sum;
  }
}
