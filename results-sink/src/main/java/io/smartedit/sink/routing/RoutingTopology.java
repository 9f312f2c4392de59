package io.smartedit.sink.routing;

import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.ModelWaiting;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/**
 * Requests that name a model to that model's topics, or to an outcome where nobody serves it; and
 * requests that rest back to their topics, once they rest no longer.
 */
public final class RoutingTopology {

  private RoutingTopology() {}

  /** {@code knowledge} stays the caller's. */
  public static Topology build(
      RoutingSettings settings,
      SchemaRegistry registry,
      Knowledge knowledge,
      MeterRegistry meters) {
    return build(settings, registry, knowledge.facts(), meters);
  }

  static Topology build(
      RoutingSettings settings,
      SchemaRegistry registry,
      Knowledge.Facts facts,
      MeterRegistry meters) {
    StreamsBuilder builder = new StreamsBuilder();
    Serde<EditRequested> requests = serde(registry, EditRequested.getClassSchema());
    Serde<EditOutcome> outcomes = serde(registry, EditOutcome.getClassSchema());
    builder.addStateStore(
        Stores.timestampedKeyValueStoreBuilder(
            Stores.persistentTimestampedKeyValueStore(ModelRouter.STORE),
            Serdes.String(),
            requests));
    WaitingRequests waiting = WaitingRequests.forModels(meters);
    EventDeserializer<EditRequested> deserializer =
        new EventDeserializer<>(registry, EditRequested.getClassSchema());
    KStream<String, SpecificRecord> routed =
        builder.stream(Topics.NAMED, Consumed.with(Serdes.String(), Serdes.ByteArray()))
            .process(
                () -> new ModelRouter(deserializer, facts, settings.patience(), waiting),
                ModelRouter.STORE);
    only(routed, EditRequested.class)
        .to(
            (key, request, context) -> Topics.served(request),
            Produced.with(Serdes.String(), requests));
    Serde<ModelWaiting> counts = serde(registry, ModelWaiting.getClassSchema());
    only(routed, ModelWaiting.class).to(Topics.WAITING, Produced.with(Serdes.String(), counts));
    only(routed, EditOutcome.class).to(Topics.OUTCOMES, Produced.with(Serdes.String(), outcomes));
    addPaused(builder, registry, facts, WaitingRequests.paused(meters));
    return builder.build();
  }

  private static void addPaused(
      StreamsBuilder builder,
      SchemaRegistry registry,
      Knowledge.Facts facts,
      WaitingRequests shown) {
    Serde<EditRequested> requests = serde(registry, EditRequested.getClassSchema());
    Serde<EditOutcome> outcomes = serde(registry, EditOutcome.getClassSchema());
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(PausedRequests.STORE), Serdes.String(), requests));
    EventDeserializer<EditRequested> deserializer =
        new EventDeserializer<>(registry, EditRequested.getClassSchema());
    KStream<String, SpecificRecord> resumed =
        builder.stream(Topics.PAUSED, Consumed.with(Serdes.String(), Serdes.ByteArray()))
            .process(() -> new PausedRequests(deserializer, facts, shown), PausedRequests.STORE);
    only(resumed, EditRequested.class)
        .to(
            (key, request, context) -> Topics.of(request),
            Produced.with(Serdes.String(), requests));
    only(resumed, EditOutcome.class).to(Topics.OUTCOMES, Produced.with(Serdes.String(), outcomes));
  }

  private static <T extends SpecificRecord> KStream<String, T> only(
      KStream<String, SpecificRecord> events, Class<T> type) {
    return events.filter((key, event) -> type.isInstance(event)).mapValues(type::cast);
  }

  private static <T extends SpecificRecord> Serde<T> serde(SchemaRegistry registry, Schema schema) {
    return Serdes.serdeFrom(
        new EventSerializer<>(registry), new EventDeserializer<>(registry, schema));
  }
}
