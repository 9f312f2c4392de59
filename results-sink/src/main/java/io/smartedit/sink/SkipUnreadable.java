package io.smartedit.sink;

import io.smartedit.events.RegistryException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes over a record that can never be read, which Kafka Streams counts. One that cannot be read
 * now, because the registry does not answer, is read again: passed over, its request would have no
 * end.
 */
public final class SkipUnreadable implements DeserializationExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(SkipUnreadable.class);

  /** Called by Kafka Streams. */
  public SkipUnreadable() {}

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    String place = record.topic() + "-" + record.partition() + "-" + record.offset();
    if (exception instanceof RegistryException e && !e.isUnknownSchema()) {
      LOG.warn("{} waits: {}", place, e.getMessage());
      return Response.fail();
    }
    LOG.warn("{} is passed over: {}", place, exception.getMessage());
    return Response.resume();
  }

  @Override
  public void configure(Map<String, ?> settings) {}
}
