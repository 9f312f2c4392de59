package io.smartedit.sink;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.jspecify.annotations.NullUnmarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Kafka Streams does about a record that the broker does not take. The task begins again at
 * its last commit; where the record itself is to blame, its outcome is noted, to be answered
 * otherwise.
 */
@NullUnmarked // Kafka calls configure first
public final class RefusedRecords implements ProductionExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(RefusedRecords.class);

  private RefusedOutcomes refused;

  /** Called by Kafka Streams. */
  public RefusedRecords() {}

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    boolean itself =
        exception instanceof RecordTooLargeException
            || exception instanceof InvalidRecordException
            || exception instanceof InvalidTimestampException;
    if (itself && context.topic() != null) {
      LOG.warn(
          "the broker refuses the record on {} that {}-{}-{} came to: {}",
          record.topic(),
          context.topic(),
          context.partition(),
          context.offset(),
          exception.getMessage());
      refused.add(
          context.topic(),
          context.partition(),
          context.offset(),
          record.topic() + ": " + exception.getMessage());
    }
    return Response.fail();
  }

  @Override
  public void configure(Map<String, ?> settings) {
    refused = (RefusedOutcomes) settings.get(RefusedOutcomes.SETTING);
  }
}
