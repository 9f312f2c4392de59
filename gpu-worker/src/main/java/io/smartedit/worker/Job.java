package io.smartedit.worker;

import io.smartedit.EditRequest;
import io.smartedit.events.EditRequested;
import io.smartedit.image.Picture;
import io.smartedit.store.ObjectName;
import java.time.Clock;
import java.time.Instant;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One record on its way through the worker. Handed from thread to thread; one thread at a time owns
 * it.
 */
final class Job {

  final TopicPartition partition;
  final long offset;
  final OffsetLedger ledger;
  final int attempt;
  final EditRequested request;
  final Stopwatch watch;

  @Nullable EditRequest edit;
  Engine.@Nullable Edit running;
  @Nullable Picture edited;
  int batch = 1;

  /** {@code ledger} tells one assignment of the partition from the next. */
  Job(
      TopicPartition partition,
      long offset,
      OffsetLedger ledger,
      int attempt,
      EditRequested request,
      Clock clock) {
    this.partition = partition;
    this.offset = offset;
    this.ledger = ledger;
    this.attempt = attempt;
    this.request = request;
    this.watch = new Stopwatch(clock, request.getRequestedAt());
  }

  /**
   * Where its picture goes: by tenant and request id alone, so that a second run meets the first.
   */
  ObjectName output(String bucket) {
    String extension =
        switch (request.getOptions().getFormat()) {
          case PNG -> "png";
          case JPEG -> "jpg";
        };
    return new ObjectName(
        bucket, request.getTenant() + "/" + request.getRequestId() + "." + extension);
  }

  /** Whether it killed a worker before. */
  boolean isSuspect() {
    return attempt > 1;
  }

  boolean isExpired(Instant now) {
    return request.getDeadline() != null && now.isAfter(request.getDeadline());
  }
}
