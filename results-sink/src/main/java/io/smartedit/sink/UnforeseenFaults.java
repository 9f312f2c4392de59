package io.smartedit.sink;

import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.NullUnmarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Kafka Streams does about an exception while it processes a record. Kafka's own (stores,
 * broker, registry) stop the task, which begins again at its last commit. Another is a fault of
 * ours over this record, which would come again for ever: it is counted, and the stream goes on.
 */
@NullUnmarked // Kafka calls configure first
public final class UnforeseenFaults implements ProcessingExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(UnforeseenFaults.class);

  private PassedOver passedOver;

  /** Called by Kafka Streams. */
  public UnforeseenFaults() {}

  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
      if (cause instanceof KafkaException) {
        return Response.fail();
      }
    }
    LOG.error("node {} failed", context.processorNodeId(), exception);
    passedOver.count(
        context.topic(),
        context.partition(),
        context.offset(),
        PassedOver.Reason.FAULT,
        String.valueOf(exception.getMessage()));
    return Response.resume();
  }

  @Override
  public void configure(Map<String, ?> settings) {
    passedOver = (PassedOver) settings.get(PassedOver.SETTING);
  }
}
