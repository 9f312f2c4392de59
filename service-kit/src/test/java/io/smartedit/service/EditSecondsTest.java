package io.smartedit.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.EditMetrics;
import io.smartedit.events.Latency;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a request takes the device. */
final class EditSecondsTest {

  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

  private final EditSeconds seconds = new EditSeconds();

  @Test
  void meansAreWeighedByWhatEnded() {
    seconds.add(window("a", "mini", 1, Map.of("COMPLETED", 2L, "FAILED", 1L), 4));
    seconds.add(window("b", "mini", 1, Map.of("COMPLETED", 1L), 8));
    seconds.add(window("b", "large", 2, Map.of("COMPLETED", 4L), 40));

    assertThat(seconds.means(NOW))
        .containsEntry("mini", 5.0)
        .containsEntry("large", 40.0)
        .containsEntry(EditSeconds.ANY, 22.5);
  }

  @Test
  void aWindowsLaterStateReplacesItsEarlierOne() {
    seconds.add(window("a", "mini", 1, Map.of("COMPLETED", 1L), 4));
    seconds.add(window("a", "mini", 1, Map.of("COMPLETED", 2L), 6));

    assertThat(seconds.means(NOW)).containsEntry("mini", 6.0);
  }

  @Test
  void whatIsOlderThanAnHourOrSaysNothingCountsNothing() {
    seconds.add(window("a", "old", 62, Map.of("COMPLETED", 1L), 4));
    seconds.add(window("a", "idle", 1, Map.of(), 0));

    assertThat(seconds.means(NOW)).isEmpty();
  }

  /**
   * @param seconds of denoising, on the mean
   */
  private static EditMetrics window(
      String tenant, String model, long minutesAgo, Map<String, Long> counts, double seconds) {
    Instant start = NOW.minusSeconds(60 * minutesAgo);
    Latency latency = Latency.newBuilder().setP50(1).setP95(1).setP99(1).setMean(seconds).build();
    return EditMetrics.newBuilder()
        .setTenant(tenant)
        .setModel(model)
        .setWindowStart(start)
        .setWindowEnd(start.plusSeconds(60))
        .setCounts(counts)
        .setSeconds(Map.of("denoised", latency, "queued", latency))
        .build();
  }
}
