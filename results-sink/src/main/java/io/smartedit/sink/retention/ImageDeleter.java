package io.smartedit.sink.retention;

import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.ImageDeleted;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.ObjectStore.Listed;
import io.smartedit.store.StoreException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes images whose time is over, and says which. What the store refuses is met again in the
 * next round. An image that is not there any more is told all the same: it was deleted just before
 * a crash.
 */
final class ImageDeleter {

  private static final Logger LOG = LoggerFactory.getLogger(ImageDeleter.class);

  /** Metadata that every result has, and nothing else. */
  private static final String RESULT = "request-digest";

  private final ObjectStore store;
  private final MeterRegistry meters;

  ImageDeleter(ObjectStore store, MeterRegistry meters) {
    this.store = store;
    this.meters = meters;
    count(true, 0);
    count(false, 0);
  }

  /** The event, where there is one. {@code due} says when the image was written. */
  List<ImageDeleted> delete(ImageDeleted due) {
    ObjectName name = ObjectName.parse(due.getObject());
    boolean isResult = !due.getRequestId().isEmpty();
    try {
      Optional<Listed> there =
          store.list(name.bucket(), name.key(), "", 1).stream()
              .filter(listed -> listed.name().equals(name))
              .findFirst();
      if (there.isPresent()) {
        Instant written = there.get().writtenAt().truncatedTo(ChronoUnit.MILLIS);
        Map<String, String> metadata = store.metadata(name).orElse(Map.of());
        if (written.isAfter(due.getAt()) || metadata.containsKey(RESULT) != isResult) {
          return List.of(); // written again, or none of ours
        }
        store.delete(name);
      }
    } catch (StoreException e) {
      LOG.warn("{} is over its time and was not deleted: {}", name, e.getMessage());
      return List.of();
    }
    count(isResult, 1);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    return List.of(ImageDeleted.newBuilder(due).setAt(now).build());
  }

  private void count(boolean isResult, int more) {
    meters
        .counter("smartedit.sink.images.deleted", "kind", isResult ? "result" : "upload")
        .increment(more);
  }
}
