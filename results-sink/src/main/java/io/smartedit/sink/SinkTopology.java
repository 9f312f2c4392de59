package io.smartedit.sink;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditStatus;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/** The sink's topology: outcomes, the first of each request, to completed or failed events. */
final class SinkTopology {

  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final Duration GRACE = Duration.ofMinutes(10);

  private SinkTopology() {}

  static Topology build(SchemaRegistry registry) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(FirstOutcome.STORE), Serdes.String(), Serdes.Long()));
    Serde<EditOutcome> outcomeSerde = serde(registry, EditOutcome.getClassSchema());
    KStream<String, EditOutcome> first =
        builder.stream(Topics.OUTCOMES, Consumed.with(Serdes.String(), outcomeSerde))
            .processValues(FirstOutcome::new, FirstOutcome.STORE);
    KStream<String, EditCompleted> completed =
        first.filter((id, outcome) -> isComplete(outcome)).mapValues(SinkTopology::completed);
    completed.to(
        Topics.COMPLETED,
        Produced.with(Serdes.String(), serde(registry, EditCompleted.getClassSchema())));
    KStream<String, EditFailed> failed =
        first.filterNot((id, outcome) -> isComplete(outcome)).mapValues(SinkTopology::failed);
    failed.to(
        Topics.FAILED,
        Produced.with(Serdes.String(), serde(registry, EditFailed.getClassSchema())));
    keepStatus(builder, registry, completed, failed);
    sumUp(first, outcomeSerde, serde(registry, EditMetrics.getClassSchema()));
    return builder.build();
  }

  /** Requests come under their edit key and are brought under their id, where the rest is. */
  private static void keepStatus(
      StreamsBuilder builder,
      SchemaRegistry registry,
      KStream<String, EditCompleted> completed,
      KStream<String, EditFailed> failed) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(StatusKeeper.STORE),
                Serdes.String(),
                serde(registry, EditStatus.getClassSchema()))
            .withCachingEnabled()); // of the states between two commits the last one is written
    Serde<EditRequested> requestSerde = serde(registry, EditRequested.getClassSchema());
    builder.stream(
            List.of(Topics.REQUESTED, Topics.BULK), Consumed.with(Serdes.String(), requestSerde))
        .filter((key, request) -> request != null && isProper(request))
        .selectKey((key, request) -> request.getRequestId())
        .repartition(
            Repartitioned.with(Serdes.String(), requestSerde)
                .withName("requests-by-id")
                .withNumberOfPartitions(Topics.RESULT_PARTITIONS))
        .process(
            () ->
                new StatusKeeper<>(EditRequested::getTenant, StatusKeeper::requested).forgetting(),
            StatusKeeper.STORE);
    builder.stream(
            Topics.PROGRESS,
            Consumed.with(
                Serdes.String(),
                SinkTopology.<EditProgress>serde(registry, EditProgress.getClassSchema())))
        .process(
            () -> new StatusKeeper<>(EditProgress::getTenant, StatusKeeper::running),
            StatusKeeper.STORE);
    completed.process(
        () -> new StatusKeeper<>(EditCompleted::getTenant, StatusKeeper::completed),
        StatusKeeper.STORE);
    failed.process(
        () -> new StatusKeeper<>(EditFailed::getTenant, StatusKeeper::failed), StatusKeeper.STORE);
  }

  private static void sumUp(
      KStream<String, EditOutcome> first,
      Serde<EditOutcome> outcomeSerde,
      Serde<EditMetrics> metricsSerde) {
    first
        .groupBy(
            (id, outcome) -> outcome.getTenant() + "/" + outcome.getModel(),
            Grouped.with("outcomes-by-model", Serdes.String(), outcomeSerde))
        .windowedBy(TimeWindows.ofSizeAndGrace(WINDOW, GRACE))
        .aggregate(
            Minute::new,
            (key, outcome, minute) -> minute.add(outcome),
            Materialized.<String, Minute, WindowStore<Bytes, byte[]>>as("minutes")
                .withKeySerde(Serdes.String())
                .withValueSerde(Minute.serde()))
        .toStream()
        .map(SinkTopology::metrics)
        .to(Topics.METRICS, Produced.with(Serdes.String(), metricsSerde));
  }

  private static KeyValue<String, EditMetrics> metrics(Windowed<String> window, Minute minute) {
    int slash = window.key().indexOf('/'); // a tenant's name has none
    return KeyValue.pair(
        window.key() + "/" + window.window().start(),
        minute.toEvent(
            window.key().substring(0, slash),
            window.key().substring(slash + 1),
            window.window().start(),
            window.window().end()));
  }

  /** Others may be of any size; the worker's outcome says what is wrong with them. */
  private static boolean isProper(EditRequested request) {
    try {
      RequestRules.check(request);
      return true;
    } catch (InvalidRequestException e) {
      return false;
    }
  }

  private static boolean isComplete(EditOutcome outcome) {
    return outcome.getStatus() == Status.EDITED
        && outcome.getResult() != null
        && outcome.getRequest() != null;
  }

  private static EditCompleted completed(EditOutcome outcome) {
    return EditCompleted.newBuilder()
        .setRequestId(outcome.getRequestId())
        .setTenant(outcome.getTenant())
        .setResult(outcome.getResult())
        .setRequest(outcome.getRequest())
        .setCost(outcome.getCost())
        .setWorker(outcome.getWorker())
        .setModel(outcome.getModel())
        .setVersion(outcome.getVersion())
        .setFinishedAt(outcome.getFinishedAt())
        .build();
  }

  private static EditFailed failed(EditOutcome outcome) {
    Failure failure = outcome.getFailure();
    return EditFailed.newBuilder()
        .setRequestId(outcome.getRequestId())
        .setTenant(outcome.getTenant())
        .setStatus(outcome.getStatus() == Status.EDITED ? Status.FAILED : outcome.getStatus())
        .setFailure(failure == null ? unexplained() : failure)
        .setRequest(outcome.getRequest())
        .setRaw(outcome.getRaw())
        .setCost(outcome.getCost())
        .setWorker(outcome.getWorker())
        .setFinishedAt(outcome.getFinishedAt())
        .build();
  }

  private static Failure unexplained() {
    return Failure.newBuilder()
        .setKind(FailureKind.INTERNAL)
        .setMessage("the worker's outcome said neither result nor reason")
        .build();
  }

  private static <T extends SpecificRecord> Serde<T> serde(SchemaRegistry registry, Schema schema) {
    return Serdes.serdeFrom(
        new EventSerializer<>(registry), new EventDeserializer<>(registry, schema));
  }
}
