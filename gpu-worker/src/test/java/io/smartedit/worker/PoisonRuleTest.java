package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PoisonRuleTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void deathsInCompanyParkNobody() {
    assertThat(PoisonRule.isPoison(new Attempts(100, 2), List.of(), NOW)).isFalse();
  }

  @Test
  void threeDeathsAlonePark() {
    assertThat(PoisonRule.isPoison(new Attempts(3, 3), List.of(CommitMetadata.NONE), NOW)).isTrue();
  }

  @Test
  void whileWorkersAreKilledFromOutsideItTakesMore() {
    List<CommitMetadata> storm = List.of(new CommitMetadata(Map.of(), NOW.minusSeconds(60)));

    assertThat(PoisonRule.isPoison(new Attempts(5, 5), storm, NOW)).isFalse();
    assertThat(PoisonRule.isPoison(new Attempts(6, 6), storm, NOW)).isTrue();
  }

  @Test
  void aStormIsForgotten() {
    List<CommitMetadata> long_ago = List.of(new CommitMetadata(Map.of(), NOW.minusSeconds(7200)));

    assertThat(PoisonRule.isPoison(new Attempts(3, 3), long_ago, NOW)).isTrue();
  }

  /**
   * The rule's error as its Javadoc states it, by simulation: edits of two seconds, each worker
   * killed every 36 s in the mean.
   */
  @Test
  void innocentsAreParkedAsSeldomAsIsSaid() {
    Random random = new Random(1);
    double dies = 1 - Math.exp(-2.0 / 36);
    int hit = 1_000_000;
    int parkedCalm = 0;
    int parkedStorm = 0;
    for (int i = 0; i < hit; i++) {
      int deaths = 0;
      while (random.nextDouble() < dies) {
        deaths++;
      }
      Attempts attempts = new Attempts(deaths, deaths);
      parkedCalm += PoisonRule.isPoison(attempts, List.of(), NOW) ? 1 : 0;
      List<CommitMetadata> storm = List.of(new CommitMetadata(Map.of(), NOW));
      parkedStorm += PoisonRule.isPoison(attempts, storm, NOW) ? 1 : 0;
    }

    assertThat(parkedCalm / (double) hit).isBetween(0.5 * Math.pow(dies, 3), 2 * Math.pow(dies, 3));
    assertThat(parkedStorm).isZero();
  }
}
