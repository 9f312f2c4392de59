package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RegistryException;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Reads requests out of records, whatever lies on the topic. */
final class RequestDecoder {

  /** Many times what a proper request needs, and little enough to be quoted in its outcome. */
  private static final int MAX_RECORD = 256 << 10;

  private final EventDeserializer<EditRequested> deserializer;

  RequestDecoder(EventDeserializer<EditRequested> deserializer) {
    this.deserializer = deserializer;
  }

  /** What a record turned out to be. */
  sealed interface Decoded {
    /** A request that can be answered: what else is wrong with it its own outcome says. */
    record Request(EditRequested request) implements Decoded {}

    /**
     * None, for good.
     *
     * @param requestId of the request, where it says one that may be repeated
     */
    record Refused(@Nullable String requestId, @Nullable String tenant, String reason)
        implements Decoded {}

    /** The registry cannot be asked now. */
    record NotNow(RegistryException reason) implements Decoded {}
  }

  Decoded decode(ConsumerRecord<String, byte[]> record) {
    try {
      return request(record);
    } catch (RegistryException e) {
      return e.isUnknownSchema() ? refused(e) : new Decoded.NotNow(e);
    } catch (InvalidRequestException | SerializationException e) {
      return refused(e);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      // Whatever the bytes led Avro to: the record is refused, and the next one is read.
      return new Decoded.Refused(null, null, "record on " + record.topic() + " cannot be decoded");
    }
  }

  private static Decoded refused(RuntimeException e) {
    return new Decoded.Refused(null, null, String.valueOf(e.getMessage()));
  }

  private Decoded request(ConsumerRecord<String, byte[]> record) {
    byte[] value = record.value();
    if (value != null && value.length > MAX_RECORD) {
      throw new SerializationException(
          "record has " + value.length + " bytes, more than " + MAX_RECORD);
    }
    EditRequested request = deserializer.deserialize(record.topic(), value);
    if (request == null) {
      throw new SerializationException("record is empty");
    }
    RequestRules.id(request.getRequestId());
    String tenant = request.getTenant();
    String spoken = RequestRules.isName(tenant) ? tenant : Topics.DEFAULT_TENANT;
    if (!RequestRules.isTime(request.getRequestedAt())) {
      return unquotable(request, spoken, "requestedAt", request.getRequestedAt());
    }
    Instant deadline = request.getDeadline();
    if (deadline != null && !RequestRules.isTime(deadline)) {
      return unquotable(request, spoken, "deadline", deadline);
    }
    return new Decoded.Request(request);
  }

  /** No event can repeat such a time; the request's bytes stand in its place. */
  private static Decoded unquotable(
      EditRequested request, String tenant, String field, Instant time) {
    return new Decoded.Refused(
        request.getRequestId(),
        tenant,
        field + " is " + time + ", must be within the years 1 to 9999");
  }
}
