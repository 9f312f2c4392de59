package io.smartedit.sink;

import io.smartedit.events.Cost;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.Latency;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Counts and latencies of one minute of one tenant and model; percentiles are within 1 % of a
 * millisecond histogram, so that its size does not grow with the traffic.
 */
final class Minute {

  private static final int DIGITS = 2;
  private static final long LONGEST_MILLIS = 7L * 24 * 3600 * 1000;
  private static final double MILLIS = 1000;

  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Histogram> millis = new TreeMap<>();

  static Serde<Minute> serde() {
    return Serdes.serdeFrom(
        (topic, minute) -> minute == null ? null : minute.toBytes(),
        (topic, bytes) -> bytes == null ? null : fromBytes(bytes));
  }

  Minute add(EditOutcome outcome) {
    counts.merge(outcome.getStatus().name(), 1L, Long::sum);
    Cost cost = outcome.getCost();
    double work =
        cost.getFetched()
            + cost.getRead()
            + cost.getDenoised()
            + cost.getDeveloped()
            + cost.getStored();
    note("queued", cost.getQueued());
    note("fetched", cost.getFetched());
    note("read", cost.getRead());
    note("denoised", cost.getDenoised());
    note("developed", cost.getDeveloped());
    note("stored", cost.getStored());
    note("total", cost.getQueued() + work);
    return this;
  }

  private void note(String stage, double seconds) {
    millis
        .computeIfAbsent(stage, key -> new Histogram(LONGEST_MILLIS, DIGITS))
        .recordValue(Math.min(LONGEST_MILLIS, Math.max(0, Math.round(seconds * MILLIS))));
  }

  EditMetrics toEvent(String tenant, String model, long start, long end) {
    Map<String, Latency> seconds = new HashMap<>();
    millis.forEach(
        (stage, histogram) ->
            seconds.put(
                stage,
                Latency.newBuilder()
                    .setP50(histogram.getValueAtPercentile(50) / MILLIS)
                    .setP95(histogram.getValueAtPercentile(95) / MILLIS)
                    .setP99(histogram.getValueAtPercentile(99) / MILLIS)
                    .build()));
    return EditMetrics.newBuilder()
        .setTenant(tenant)
        .setModel(model)
        .setWindowStart(Instant.ofEpochMilli(start))
        .setWindowEnd(Instant.ofEpochMilli(end))
        .setCounts(new HashMap<>(counts))
        .setSeconds(seconds)
        .build();
  }

  private byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(counts.size());
      for (Map.Entry<String, Long> entry : counts.entrySet()) {
        out.writeUTF(entry.getKey());
        out.writeLong(entry.getValue());
      }
      out.writeInt(millis.size());
      for (Map.Entry<String, Histogram> entry : millis.entrySet()) {
        ByteBuffer buffer = ByteBuffer.allocate(entry.getValue().getNeededByteBufferCapacity());
        int length = entry.getValue().encodeIntoByteBuffer(buffer);
        out.writeUTF(entry.getKey());
        out.writeInt(length);
        out.write(buffer.array(), 0, length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static Minute fromBytes(byte[] bytes) {
    Minute minute = new Minute();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      for (int i = in.readInt(); i > 0; i--) {
        minute.counts.put(in.readUTF(), in.readLong());
      }
      for (int i = in.readInt(); i > 0; i--) {
        String stage = in.readUTF();
        ByteBuffer buffer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
        minute.millis.put(stage, Histogram.decodeFromByteBuffer(buffer, LONGEST_MILLIS));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return minute;
  }
}
