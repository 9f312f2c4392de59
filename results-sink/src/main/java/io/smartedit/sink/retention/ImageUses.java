package io.smartedit.sink.retention;

import static io.smartedit.events.RequestRules.REQUEST_SOURCE;

import io.smartedit.events.EditRequested;
import io.smartedit.events.ImageUse;
import io.smartedit.events.Topics;
import io.smartedit.store.ObjectName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;

/**
 * Which images open requests need: their sources and masks, the results that they build on, and
 * their own results, which may wait for a verdict. Requests and ends come in any order, so that
 * ends are remembered for longer than a topic keeps requests. Used by the stream's thread.
 */
final class ImageUses {

  /** What open requests need, by request. */
  static final String OPEN = "images-open";

  /** Open requests by what they need. */
  static final String NEEDED = "images-needed";

  /** Requests that have ended. */
  static final String ENDED = "images-ended";

  /** A day more than {@code edits.requested} keeps its records. */
  static final Duration MEMORY = Duration.ofDays(8);

  private static final char BEHIND = '\n';

  private final KeyValueStore<String, ImageUse> open;
  private final KeyValueStore<String, String> needed;
  private final WindowStore<String, String> ended;

  ImageUses(
      KeyValueStore<String, ImageUse> open,
      KeyValueStore<String, String> needed,
      WindowStore<String, String> ended) {
    this.open = open;
    this.needed = needed;
    this.ended = ended;
  }

  /** What a request needs. */
  static ImageUse of(EditRequested request) {
    List<String> needs = new ArrayList<>();
    String tenant = request.getTenant();
    needs.add(results(tenant, request.getRequestId()));
    String source = request.getSource();
    if (source.startsWith(REQUEST_SOURCE)) {
      needs.add(results(tenant, source.substring(REQUEST_SOURCE.length())));
    } else {
      needs.add(source);
    }
    if (request.getOptions().getMask() != null) {
      needs.add(request.getOptions().getMask());
    }
    return ImageUse.newBuilder()
        .setRequestId(request.getRequestId())
        .setTenant(tenant)
        .setNeeds(needs)
        .build();
  }

  /** That a request has ended. */
  static ImageUse ended(String tenant, String requestId) {
    return ImageUse.newBuilder().setRequestId(requestId).setTenant(tenant).setEnded(true).build();
  }

  private static String results(String tenant, String requestId) {
    return REQUEST_SOURCE + Topics.idKey(tenant, requestId);
  }

  void add(ImageUse use, long now) {
    String request = Topics.idKey(use.getTenant(), use.getRequestId());
    if (use.getEnded()) {
      end(request, now);
    } else if (open.get(request) == null && !hasEnded(request, now)) {
      open.put(request, use);
      use.getNeeds().forEach(need -> needed.put(need + BEHIND + request, ""));
    }
  }

  private void end(String request, long now) {
    ended.put(request, "", now);
    ImageUse before = open.delete(request);
    if (before != null) {
      before.getNeeds().forEach(need -> needed.delete(need + BEHIND + request));
    }
  }

  private boolean hasEnded(String request, long now) {
    try (WindowStoreIterator<String> ends = ended.fetch(request, now - MEMORY.toMillis(), now)) {
      return ends.hasNext();
    }
  }

  boolean isNeeded(StoredImage image) {
    return isNeeded(image.name())
        || (image.isResult() && isNeeded(results(image.tenant(), image.requestId())));
  }

  private boolean isNeeded(ObjectName name) {
    return isNeeded(name.toString());
  }

  private boolean isNeeded(String need) {
    try (KeyValueIterator<String, String> some =
        needed.range(need + BEHIND, need + (char) (BEHIND + 1))) {
      return some.hasNext();
    }
  }
}
