package io.smartedit.sink;

import io.smartedit.events.RequestRules;
import io.smartedit.sink.PassedOver.Reason;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Whether a record is about a request as all records of ours are: it has a value, proper names, and
 * the request's id as its key. Anybody may write to a topic; what the sink keeps is bounded by
 * this.
 */
final class RecordCheck {

  private static final int SHOWN = 80;

  private final PassedOver passedOver;

  RecordCheck(PassedOver passedOver) {
    this.passedOver = passedOver;
  }

  /** False where it is counted and passed over; {@code requestId} is null without a value. */
  boolean passes(
      Optional<RecordMetadata> place,
      @Nullable String key,
      @Nullable String tenant,
      @Nullable String requestId) {
    if (tenant == null || requestId == null) {
      return fails(place, Reason.EMPTY, "it has no value");
    }
    if (!RequestRules.isName(tenant) || !RequestRules.isName(requestId)) {
      return fails(place, Reason.NAME, "of request " + shown(requestId) + " of " + shown(tenant));
    }
    if (!requestId.equals(key)) {
      return fails(place, Reason.KEY, "of request " + requestId + " under " + shown(key));
    }
    return true;
  }

  private boolean fails(Optional<RecordMetadata> place, Reason reason, String what) {
    passedOver.count(
        place.map(RecordMetadata::topic).orElse("none"),
        place.map(RecordMetadata::partition).orElse(-1),
        place.map(RecordMetadata::offset).orElse(-1L),
        reason,
        what);
    return false;
  }

  private static String shown(@Nullable String text) {
    if (text == null) {
      return "no key";
    }
    String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return "'" + start.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
