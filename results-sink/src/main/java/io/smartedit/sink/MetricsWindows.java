package io.smartedit.sink;

import io.smartedit.events.Cost;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.Latency;
import io.smartedit.events.MetricsWindow;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic on the counts and latencies of one minute of one tenant and model. Percentiles are
 * within 1 % of a millisecond histogram, so that its size does not grow with the traffic.
 */
final class MetricsWindows {

  private static final int DIGITS = 2;
  private static final long LONGEST_MILLIS = 7L * 24 * 3600 * 1000;
  private static final double MILLIS = 1000;

  private MetricsWindows() {}

  static MetricsWindow empty() {
    return MetricsWindow.newBuilder().build();
  }

  /** The window with one outcome more. */
  static MetricsWindow plus(MetricsWindow window, EditOutcome outcome) {
    Map<String, Long> counts = new HashMap<>(window.getCounts());
    counts.merge(outcome.getStatus().name(), 1L, Long::sum);
    Map<String, ByteBuffer> millis = new HashMap<>(window.getMillis());
    seconds(outcome.getCost())
        .forEach((stage, value) -> millis.compute(stage, (key, old) -> plus(old, value)));
    return new MetricsWindow(counts, millis);
  }

  private static Map<String, Double> seconds(Cost cost) {
    double work =
        cost.getFetched()
            + cost.getRead()
            + cost.getDenoised()
            + cost.getDeveloped()
            + cost.getStored();
    return Map.of(
        "queued", cost.getQueued(),
        "fetched", cost.getFetched(),
        "read", cost.getRead(),
        "denoised", cost.getDenoised(),
        "developed", cost.getDeveloped(),
        "stored", cost.getStored(),
        "total", cost.getQueued() + work);
  }

  private static ByteBuffer plus(@Nullable ByteBuffer encoded, double seconds) {
    Histogram histogram = encoded == null ? new Histogram(LONGEST_MILLIS, DIGITS) : decode(encoded);
    long millis = Math.round(seconds * MILLIS); // 0 where it is not a number
    histogram.recordValue(Math.min(LONGEST_MILLIS, Math.max(0, millis)));
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    histogram.encodeIntoByteBuffer(buffer);
    return buffer.flip();
  }

  private static Histogram decode(ByteBuffer encoded) {
    return Histogram.decodeFromByteBuffer(encoded.duplicate(), LONGEST_MILLIS);
  }

  static EditMetrics event(
      MetricsWindow window, String tenant, String model, Instant start, Instant end) {
    Map<String, Latency> seconds = new HashMap<>();
    window.getMillis().forEach((stage, encoded) -> seconds.put(stage, latency(decode(encoded))));
    return EditMetrics.newBuilder()
        .setTenant(tenant)
        .setModel(model)
        .setWindowStart(start)
        .setWindowEnd(end)
        .setCounts(window.getCounts())
        .setSeconds(seconds)
        .build();
  }

  private static Latency latency(Histogram histogram) {
    return Latency.newBuilder()
        .setP50(histogram.getValueAtPercentile(50) / MILLIS)
        .setP95(histogram.getValueAtPercentile(95) / MILLIS)
        .setP99(histogram.getValueAtPercentile(99) / MILLIS)
        .setMean(histogram.getMean() / MILLIS)
        .build();
  }
}
