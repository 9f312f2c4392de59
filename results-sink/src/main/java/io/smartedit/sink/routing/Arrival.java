package io.smartedit.sink.routing;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RegistryException;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import java.time.Instant;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** What lies on {@code edits.requested.named}, where anybody may write. */
sealed interface Arrival {

  /** Many times what a proper request needs, and little enough to be quoted in its outcome. */
  int MAX_RECORD = 256 << 10;

  /** A proper request. */
  record Proper(EditRequested request) implements Arrival {}

  /** What is refused at once. */
  sealed interface Refused extends Arrival {
    /**
     * Its outcome.
     *
     * @param place stands for the id of what has none
     * @param value of the record
     */
    EditOutcome outcome(String place, byte @Nullable [] value, Instant now);
  }

  /** A request that breaks a rule, and which. */
  record Improper(EditRequested request, String reason) implements Refused {
    @Override
    public EditOutcome outcome(String place, byte @Nullable [] value, Instant now) {
      return Endings.rejected(request, reason, now);
    }
  }

  /** No request, and why. */
  record Unreadable(String reason) implements Refused {
    @Override
    public EditOutcome outcome(String place, byte @Nullable [] value, Instant now) {
      return Endings.unreadable(place, value, reason, now);
    }
  }

  /**
   * Reads a record's value.
   *
   * @throws RegistryException if the registry cannot be asked now
   */
  static Arrival of(EventDeserializer<EditRequested> deserializer, byte @Nullable [] value) {
    if (value != null && value.length > MAX_RECORD) {
      return new Unreadable("record has " + value.length + " bytes, more than " + MAX_RECORD);
    }
    EditRequested request;
    try {
      request = deserializer.deserialize(Topics.NAMED, value);
    } catch (RegistryException e) {
      if (!e.isUnknownSchema()) {
        throw e;
      }
      return new Unreadable(String.valueOf(e.getMessage()));
    } catch (SerializationException e) {
      return new Unreadable(String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return new Unreadable("record on " + Topics.NAMED + " cannot be decoded");
    }
    if (request == null) {
      return new Unreadable("record is empty");
    }
    if (!RequestRules.isName(request.getRequestId())) {
      return new Unreadable("requestId is no name");
    }
    try {
      RequestRules.check(request);
      return new Proper(request);
    } catch (InvalidRequestException e) {
      return new Improper(request, String.valueOf(e.getMessage()));
    }
  }
}
