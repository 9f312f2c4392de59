package io.smartedit.sink;

import io.smartedit.events.EditOutcome;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.jspecify.annotations.NullUnmarked;

/** The topology's step from a request's first outcome to its terminal event. */
@NullUnmarked // Kafka calls init before process
final class TerminalEventProcessor
    implements FixedKeyProcessor<String, EditOutcome, SpecificRecord> {

  private final TerminalEvents events;
  private final RefusedOutcomes refused;
  private FixedKeyProcessorContext<String, SpecificRecord> context;
  private SinkSpans spans;

  TerminalEventProcessor(TerminalEvents events, RefusedOutcomes refused) {
    this.events = events;
    this.refused = refused;
  }

  @Override
  public void init(FixedKeyProcessorContext<String, SpecificRecord> processorContext) {
    context = processorContext;
    spans = SinkSpans.of(context.appConfigs());
  }

  @Override
  public void process(FixedKeyRecord<String, EditOutcome> outcome) {
    String reason = context.recordMetadata().map(refused::reason).orElse(null);
    FixedKeyRecord<String, SpecificRecord> event =
        reason == null
            ? outcome.withValue(events.of(outcome.value()))
            : outcome
                .withValue((SpecificRecord) events.brief(outcome.value(), reason))
                .withTimestamp(context.currentSystemTimeMs());
    context.forward(event);
    spans.ended(outcome.value(), event.value(), outcome.timestamp());
  }
}
