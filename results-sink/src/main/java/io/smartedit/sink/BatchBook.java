package io.smartedit.sink;

import io.smartedit.events.BatchCommand;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.BatchLine;
import io.smartedit.events.BatchStatus;
import io.smartedit.events.EditRequested;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What the sink keeps of batches: each one's status and each of its lines, by tenant and batch.
 *
 * <p>A batch has come to its end once its SEAL has said how many lines were accepted, as many are
 * known, and all of them have ended. Lines may come again: the same line with the same request
 * changes nothing, with a younger request it is replaced, and the batch is open again. Used by the
 * stream's thread.
 */
final class BatchBook {

  static final String STATUSES = "batches";
  static final String LINES = "batch-lines";

  private final KeyValueStore<String, BatchStatus> statuses;
  private final KeyValueStore<String, BatchLine> lines;

  BatchBook(KeyValueStore<String, BatchStatus> statuses, KeyValueStore<String, BatchLine> lines) {
    this.statuses = statuses;
    this.lines = lines;
  }

  /** Under which the batch of a request that belongs to one is kept. */
  static String key(EditRequested request) {
    return Topics.batchKey(request.getTenant(), request.getBatch());
  }

  /** Under which a line is kept: in the order of lines. */
  static String place(String batchKey, long line) {
    return "%s/%019d".formatted(batchKey, line);
  }

  /** What is known of a batch; what is new of one that is not known. */
  static BatchStatus.Builder known(
      @Nullable BatchStatus status, String tenant, String batch, Instant now) {
    BatchStatus.Builder builder =
        status == null
            ? BatchStatus.newBuilder()
                .setTenant(tenant)
                .setBatch(batch)
                .setCounts(Map.of())
                .setOpenedAt(now)
            : BatchStatus.newBuilder(status);
    return builder.setUpdatedAt(now);
  }

  /** Takes what a line is now; the event where the batch has come to its end with it. */
  Optional<BatchCompleted> add(BatchLine young, Instant now) {
    String key = Topics.batchKey(young.getTenant(), young.getBatch());
    String place = place(key, young.getLine());
    BatchLine old = lines.get(place);
    if (old != null && !isNews(old, young)) {
      return Optional.empty();
    }
    lines.put(place, BatchLine.newBuilder(young).setUpdatedAt(now).build());
    BatchStatus.Builder status =
        known(statuses.get(key), young.getTenant(), young.getBatch(), now).clearFinishedAt();
    Map<String, Long> counts = new TreeMap<>(status.getCounts());
    if (old == null) {
      status.setLines(status.getLines() + 1);
    } else {
      count(counts, old.getStatus(), -1);
    }
    count(counts, young.getStatus(), 1);
    return settle(key, status.setCounts(counts), now);
  }

  private static boolean isNews(BatchLine old, BatchLine young) {
    return old.getRequestId().equals(young.getRequestId())
        ? old.getStatus() == null && young.getStatus() != null
        : young.getRequestedAt().isAfter(old.getRequestedAt());
  }

  private static void count(Map<String, Long> counts, @Nullable Status status, long more) {
    if (status != null) {
      counts.merge(status.name(), more, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
    }
  }

  /** Does what is asked; the event where the batch has come to its end with it. */
  Optional<BatchCompleted> obey(BatchCommand command, Instant now) {
    String key = Topics.batchKey(command.getTenant(), command.getBatch());
    BatchStatus.Builder status =
        known(statuses.get(key), command.getTenant(), command.getBatch(), now);
    switch (command.getAction()) {
      case SEAL -> {
        status.setAccepted(command.getAccepted()).setRefused(command.getRefused());
        if (status.getLines() < command.getAccepted()) {
          status.clearFinishedAt();
        }
      }
      case PAUSE -> status.setPaused(!status.getCancelled());
      case RESUME -> status.setPaused(false);
      case CANCEL -> status.setPaused(false).setCancelled(true);
      case UNKNOWN -> {
        return Optional.empty();
      }
    }
    return settle(key, status, now);
  }

  private Optional<BatchCompleted> settle(String key, BatchStatus.Builder status, Instant now) {
    boolean ends =
        status.getFinishedAt() == null
            && status.getAccepted() != null
            && status.getLines() >= status.getAccepted()
            && status.getLines() == ended(status.getCounts());
    BatchStatus settled = (ends ? status.setFinishedAt(now) : status).build();
    statuses.put(key, settled);
    return ends ? Optional.of(completed(settled, now)) : Optional.empty();
  }

  /** Lines that have ended. */
  static long ended(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static BatchCompleted completed(BatchStatus status, Instant now) {
    return BatchCompleted.newBuilder()
        .setBatch(status.getBatch())
        .setTenant(status.getTenant())
        .setLines(status.getLines())
        .setRefused(status.getRefused())
        .setCounts(status.getCounts())
        .setCancelled(status.getCancelled())
        .setOpenedAt(status.getOpenedAt())
        .setFinishedAt(now)
        .build();
  }
}
