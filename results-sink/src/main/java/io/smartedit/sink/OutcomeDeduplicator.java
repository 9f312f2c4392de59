package io.smartedit.sink;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.Topics;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the first outcome of each request through and drops the others. It remembers longer than
 * requests are kept, so a redelivery cannot outlive its memory. What is no outcome of the request
 * that its key names is counted and passed over.
 */
@NullUnmarked // Kafka calls init before process
final class OutcomeDeduplicator implements FixedKeyProcessor<String, EditOutcome, EditOutcome> {

  static final String STORE = "answered";

  private static final Logger LOG = LoggerFactory.getLogger(OutcomeDeduplicator.class);

  private final RecordCheck check;
  private FixedKeyProcessorContext<String, EditOutcome> context;
  private KeyValueStore<String, Long> answered;

  OutcomeDeduplicator(PassedOver passedOver) {
    check = new RecordCheck(passedOver);
  }

  @Override
  public void init(FixedKeyProcessorContext<String, EditOutcome> processorContext) {
    context = processorContext;
    answered = context.getStateStore(STORE);
    RetentionSweep<Long> sweep = new RetentionSweep<>(answered, Long::longValue);
    context.schedule(RetentionSweep.PAUSE, PunctuationType.WALL_CLOCK_TIME, sweep::slice);
  }

  @Override
  public void process(FixedKeyRecord<String, EditOutcome> record) {
    EditOutcome outcome = record.value();
    if (!check.passes(
        context.recordMetadata(),
        record.key(),
        outcome == null ? null : outcome.getTenant(),
        outcome == null ? null : outcome.getRequestId())) {
      return;
    }
    String request = Topics.idKey(outcome.getTenant(), outcome.getRequestId());
    if (answered.get(request) != null) {
      LOG.info("request {} was answered before; second outcome dropped", request);
      return;
    }
    answered.put(request, context.currentSystemTimeMs());
    context.forward(record);
  }
}
