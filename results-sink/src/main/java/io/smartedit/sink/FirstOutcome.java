package io.smartedit.sink;

import io.smartedit.events.EditOutcome;
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
 * requests are kept, so a redelivery cannot outlive its memory.
 */
@NullUnmarked // Kafka calls init before process
final class FirstOutcome implements FixedKeyProcessor<String, EditOutcome, EditOutcome> {

  static final String STORE = "answered";

  private static final Logger LOG = LoggerFactory.getLogger(FirstOutcome.class);

  private FixedKeyProcessorContext<String, EditOutcome> context;
  private KeyValueStore<String, Long> answered;

  @Override
  public void init(FixedKeyProcessorContext<String, EditOutcome> processorContext) {
    context = processorContext;
    answered = context.getStateStore(STORE);
    Forgetting<Long> forgetting = new Forgetting<>(answered, Long::longValue);
    context.schedule(Forgetting.PAUSE, PunctuationType.WALL_CLOCK_TIME, forgetting::slice);
  }

  @Override
  public void process(FixedKeyRecord<String, EditOutcome> outcome) {
    String request = StatusKeeper.key(outcome.value().getTenant(), outcome.key());
    if (answered.get(request) != null) {
      LOG.info("request {} was answered before; second outcome dropped", request);
      return;
    }
    answered.put(request, context.currentSystemTimeMs());
    context.forward(outcome);
  }
}
