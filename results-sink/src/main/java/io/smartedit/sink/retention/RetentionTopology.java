package io.smartedit.sink.retention;

import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.ImageUse;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.store.ObjectStore;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.Stores;

/**
 * Requests and their ends to deleted images on {@code edits.deleted}: what open requests need is
 * brought into one place, which goes through the store; what is over its time goes from there to
 * those that delete. As each step is committed with what it hands on, an instance that has lost its
 * part without knowing it deletes nothing.
 */
public final class RetentionTopology {

  /** Why an image was deleted, as its event says it. */
  static final String REASON = "retention";

  private static final String USES = "image-uses";
  private static final Duration DAY = Duration.ofDays(1);
  private static final List<String> REQUESTS = Topics.ENTRIES;
  private static final List<String> SOURCES =
      concat(REQUESTS, List.of(Topics.COMPLETED, Topics.FAILED));

  private final SchemaRegistry registry;
  private final StreamsBuilder builder = new StreamsBuilder();

  private RetentionTopology(SchemaRegistry registry) {
    this.registry = registry;
  }

  /** What it works with; all of it stays the caller's. */
  public record Parts(
      SchemaRegistry registry, ObjectStore store, Horizon horizon, MeterRegistry meters) {}

  /**
   * The topology.
   *
   * @param applicationId of the stream that runs it
   * @param partitions over which deletions are spread
   */
  public static Topology build(
      Parts parts, RetentionSettings settings, String applicationId, int partitions) {
    RetentionTopology topology = new RetentionTopology(parts.registry());
    topology.addStores();
    String usesTopic = applicationId + "-" + USES + "-repartition";
    ObjectStore store = parts.store();
    ImageDeleter deleter = new ImageDeleter(store, parts.meters());
    topology
        .uses()
        .repartition(
            Repartitioned.with(Serdes.String(), topology.<ImageUse>serde(ImageUse.getClassSchema()))
                .withName(USES)
                .withNumberOfPartitions(1))
        .process(
            () -> new RetentionProcessor(settings, store, parts.horizon(), SOURCES, usesTopic),
            ImageUses.OPEN,
            ImageUses.NEEDED,
            ImageUses.ENDED)
        .repartition(
            Repartitioned.with(Serdes.String(), topology.deleted())
                .withName("images-due")
                .withNumberOfPartitions(partitions))
        .flatMapValues(deleter::delete)
        .to(Topics.DELETED, Produced.with(Serdes.String(), topology.deleted()));
    return topology.builder.build();
  }

  private static List<String> concat(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  private void addStores() {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(ImageUses.OPEN),
            Serdes.String(),
            this.<ImageUse>serde(ImageUse.getClassSchema())));
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(ImageUses.NEEDED), Serdes.String(), Serdes.String()));
    builder.addStateStore(
        Stores.windowStoreBuilder(
            Stores.persistentWindowStore(ImageUses.ENDED, ImageUses.MEMORY.plus(DAY), DAY, false),
            Serdes.String(),
            Serdes.String()));
  }

  private KStream<String, ImageUse> uses() {
    KStream<String, ImageUse> begun =
        this.<EditRequested>stream(REQUESTS, EditRequested.getClassSchema())
            .filter((key, request) -> request != null && isProper(request))
            .map((key, request) -> keyed(ImageUses.of(request)));
    KStream<String, ImageUse> completed =
        this.<EditCompleted>stream(List.of(Topics.COMPLETED), EditCompleted.getClassSchema())
            .filter((key, event) -> event != null)
            .map((key, event) -> ended(event.getTenant(), event.getRequestId()));
    KStream<String, ImageUse> failed =
        this.<EditFailed>stream(List.of(Topics.FAILED), EditFailed.getClassSchema())
            .filter((key, event) -> event != null)
            .map((key, event) -> ended(event.getTenant(), event.getRequestId()));
    return begun.merge(completed).merge(failed);
  }

  private static boolean isProper(EditRequested request) {
    try {
      RequestRules.check(request);
      return true;
    } catch (InvalidRequestException e) {
      return false;
    }
  }

  private static KeyValue<String, ImageUse> ended(String tenant, String requestId) {
    return keyed(ImageUses.ended(tenant, requestId));
  }

  private static KeyValue<String, ImageUse> keyed(ImageUse use) {
    return KeyValue.pair(Topics.idKey(use.getTenant(), use.getRequestId()), use);
  }

  private <T extends SpecificRecord> KStream<String, T> stream(List<String> topics, Schema schema) {
    return builder.stream(topics, Consumed.with(Serdes.String(), this.<T>serde(schema)));
  }

  private Serde<ImageDeleted> deleted() {
    return serde(ImageDeleted.getClassSchema());
  }

  private <T extends SpecificRecord> Serde<T> serde(Schema schema) {
    return Serdes.serdeFrom(
        new EventSerializer<>(registry), new EventDeserializer<>(registry, schema));
  }
}
