package io.smartedit.sink;

import io.smartedit.events.RegistryException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.NullUnmarked;

/**
 * What Kafka Streams does about a record that it cannot deserialize. One that can never be read is
 * counted and passed over. One that cannot be read now, because the registry does not answer, is
 * read again: passed over, its request would have no end.
 */
@NullUnmarked // Kafka calls configure first
public final class UnreadableRecords implements DeserializationExceptionHandler {

  private PassedOver passedOver;

  /** Called by Kafka Streams. */
  public UnreadableRecords() {}

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    if (exception instanceof RegistryException e && !e.isUnknownSchema()) {
      return Response.fail();
    }
    passedOver.count(
        record.topic(),
        record.partition(),
        record.offset(),
        PassedOver.Reason.UNREADABLE,
        String.valueOf(exception.getMessage()));
    return Response.resume();
  }

  @Override
  public void configure(Map<String, ?> settings) {
    passedOver = (PassedOver) settings.get(PassedOver.SETTING);
  }
}
