package io.smartedit.worker;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.events.EditRequested;
import io.smartedit.store.ObjectName;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One record on its way through the worker. Handed from thread to thread; one thread at a time owns
 * it.
 */
final class Job {

  private static final String PNG = "png";
  private static final String JPEG = "jpg";

  final TopicPartition partition;
  final long offset;
  final OffsetLedger ledger;
  final int attempt;
  final EditRequested request;
  final Stopwatch watch;

  @Nullable EditRequest edit;
  Engine.@Nullable Edit running;
  @Nullable Image edited;
  int batch = 1;

  /** Of {@link System#nanoTime}; 0 where it does not wait for another request. */
  long waitingSince;

  /** Of {@link System#nanoTime}: when the store is asked again whether that one is done. */
  long nextLook;

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

  /** Where its image goes: by tenant and request id alone, so that a second run meets the first. */
  ObjectName output(String bucket) {
    String extension =
        switch (request.getOptions().getFormat()) {
          case JPEG -> JPEG;
          case PNG, WEBP -> PNG; // RequestCheck refuses WebP
        };
    return place(bucket, request.getRequestId(), extension);
  }

  /** Where the image of another request of the same tenant and prefix may be. */
  List<ObjectName> outputsOf(String requestId, String bucket) {
    return List.of(place(bucket, requestId, PNG), place(bucket, requestId, JPEG));
  }

  private ObjectName place(String bucket, String requestId, String extension) {
    String prefix = request.getOptions().getPrefix();
    String folder = prefix.isEmpty() ? "" : prefix + "/";
    return new ObjectName(bucket, request.getTenant() + "/" + folder + requestId + "." + extension);
  }

  /** Whether it killed a worker before. */
  boolean isSuspect() {
    return attempt > 1;
  }

  boolean isExpired(Instant now) {
    return request.getDeadline() != null && now.isAfter(request.getDeadline());
  }
}
