package io.smartedit.sink.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.OutgoingCall;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.sink.calls.CallHttp;
import io.smartedit.sink.calls.CallProcessor;
import io.smartedit.sink.calls.CallRules;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Events that somebody wants to hear of to signed calls; those that nobody took to {@code
 * edits.webhooks.dead}.
 */
public final class WebhookTopology {

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private static final Map<String, Schema> TOLD =
      new TreeMap<>(
          Map.of(
              Topics.COMPLETED, EditCompleted.getClassSchema(),
              Topics.FAILED, EditFailed.getClassSchema(),
              Topics.VERDICTS, EditVerdict.getClassSchema(),
              Topics.BATCHES, BatchCompleted.getClassSchema(),
              Topics.DELETED, ImageDeleted.getClassSchema()));

  private WebhookTopology() {}

  /** The client stays the caller's. */
  public static Topology build(
      WebhookSettings settings,
      SchemaRegistry registry,
      CallHttp http,
      MeterRegistry meters,
      Clock clock) {
    StreamsBuilder builder = new StreamsBuilder();
    Serde<OutgoingCall> calls = serde(registry, OutgoingCall.getClassSchema());
    String[] stores = CallProcessor.addStores(builder, calls);
    Webhooks webhooks = new Webhooks(settings, clock);
    CallRules rules = new CallRules(settings.retry(), FIRST_PAUSE, LONGEST_PAUSE);
    told(builder, registry)
        .flatMapValues(webhooks::calls)
        .process(() -> new CallProcessor("webhook", webhooks, rules, http, meters), stores)
        .mapValues(OutgoingCall.class::cast)
        .to(Topics.DEAD_WEBHOOKS, Produced.with(Serdes.String(), calls));
    return builder.build();
  }

  private static KStream<String, SpecificRecord> told(
      StreamsBuilder builder, SchemaRegistry registry) {
    return TOLD.entrySet().stream()
        .map(topic -> stream(builder, registry, topic.getKey(), topic.getValue()))
        .reduce(KStream::merge)
        .orElseThrow();
  }

  private static KStream<String, SpecificRecord> stream(
      StreamsBuilder builder, SchemaRegistry registry, String topic, Schema schema) {
    return builder.stream(topic, Consumed.with(Serdes.String(), serde(registry, schema)));
  }

  private static <T extends SpecificRecord> Serde<T> serde(SchemaRegistry registry, Schema schema) {
    return Serdes.serdeFrom(
        new EventSerializer<>(registry), new EventDeserializer<>(registry, schema));
  }
}
