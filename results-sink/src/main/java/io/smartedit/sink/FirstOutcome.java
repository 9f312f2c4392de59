package io.smartedit.sink;

import io.smartedit.events.EditOutcome;
import java.time.Duration;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueIterator;
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

  /** A day more than {@code edits.requested} keeps its records. */
  static final Duration MEMORY = Duration.ofDays(8);

  private static final Logger LOG = LoggerFactory.getLogger(FirstOutcome.class);
  static final Duration SWEEP = Duration.ofHours(1);

  private FixedKeyProcessorContext<String, EditOutcome> context;
  private KeyValueStore<String, Long> answered;

  @Override
  public void init(FixedKeyProcessorContext<String, EditOutcome> processorContext) {
    context = processorContext;
    answered = context.getStateStore(STORE);
    context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, this::forget);
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

  private void forget(long now) {
    try (KeyValueIterator<String, Long> all = answered.all()) {
      while (all.hasNext()) {
        KeyValue<String, Long> entry = all.next();
        if (now - entry.value > MEMORY.toMillis()) {
          answered.delete(entry.key);
        }
      }
    }
  }
}
