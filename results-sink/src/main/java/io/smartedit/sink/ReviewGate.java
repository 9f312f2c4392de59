package io.smartedit.sink;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditReview;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;

/**
 * Keeps results until there is a verdict, where moderation is on; lets all other outcomes through.
 */
@NullUnmarked // Kafka calls init before process
final class ReviewGate implements Processor<String, EditOutcome, String, SpecificRecord> {

  static final String STORE = "awaiting-verdict";

  private final boolean on;
  private final RefusedOutcomes refused;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, EditReview> waiting;

  ReviewGate(boolean on, RefusedOutcomes refused) {
    this.on = on;
    this.refused = refused;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> processorContext) {
    context = processorContext;
    waiting = context.getStateStore(STORE);
  }

  @Override
  public void process(Record<String, EditOutcome> record) {
    EditOutcome outcome = EditOutcome.newBuilder(record.value()).clearVerdict().build();
    boolean isResult =
        outcome.getStatus() == Status.EDITED
            && outcome.getResult() != null
            && outcome.getRequest() != null;
    boolean wasRefused = context.recordMetadata().map(refused::reason).isPresent();
    if (!on || !isResult || wasRefused) {
      context.forward(record.withValue(outcome));
      return;
    }
    EditReview review =
        EditReview.newBuilder()
            .setRequestId(outcome.getRequestId())
            .setTenant(outcome.getTenant())
            .setOutcome(outcome)
            .setAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
            .build();
    waiting.put(Topics.idKey(outcome.getTenant(), outcome.getRequestId()), review);
    context.forward(record.withValue(review));
  }
}
