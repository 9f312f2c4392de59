package io.smartedit.sink;

import io.smartedit.events.BatchCommand;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.BatchLine;
import io.smartedit.events.BatchStatus;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditStatus;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.MetricsWindow;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Ruling;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.sink.forecast.Backlog;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
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

  private final SchemaRegistry registry;
  private final PassedOver passedOver;
  private final RefusedOutcomes refused;
  private final ReviewRules review;
  private final Surroundings around;
  private final int partitions;
  private final StreamsBuilder builder = new StreamsBuilder();

  /**
   * @param on whether results wait for a verdict
   * @param longest how long they may
   */
  record ReviewRules(boolean on, Duration longest) {
    static final ReviewRules OFF = new ReviewRules(false, Duration.ofDays(7));
  }

  /**
   * What lies beside a topology.
   *
   * @param backlog is told what has not begun
   * @param withdrawn whether nobody wants a request any more
   */
  record Surroundings(Backlog backlog, Predicate<EditRequested> withdrawn) {
    static Surroundings none() {
      return new Surroundings(new Backlog(), request -> false);
    }
  }

  private SinkTopology(
      SchemaRegistry registry,
      PassedOver passedOver,
      RefusedOutcomes refused,
      ReviewRules review,
      Surroundings around,
      int partitions) {
    this.review = review;
    this.around = around;
    this.registry = registry;
    this.passedOver = passedOver;
    this.refused = refused;
    this.partitions = partitions;
  }

  static Topology build(
      SchemaRegistry registry, PassedOver passedOver, RefusedOutcomes refused, int partitions) {
    return build(registry, passedOver, refused, ReviewRules.OFF, Surroundings.none(), partitions);
  }

  /**
   * The topology.
   *
   * @param around what it asks and tells
   * @param partitions of every topic that a state is kept by; what is brought under another key is
   *     brought onto as many
   */
  static Topology build(
      SchemaRegistry registry,
      PassedOver passedOver,
      RefusedOutcomes refused,
      ReviewRules review,
      Surroundings around,
      int partitions) {
    return new SinkTopology(registry, passedOver, refused, review, around, partitions).build();
  }

  private Topology build() {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(OutcomeDeduplicator.STORE),
            Serdes.String(),
            Serdes.Long()));
    KStream<String, EditOutcome> outcomes =
        stream(List.of(Topics.OUTCOMES), EditOutcome.getClassSchema());
    KStream<String, EditOutcome> first =
        outcomes.processValues(
            () -> new OutcomeDeduplicator(passedOver), OutcomeDeduplicator.STORE);
    KStream<String, EditOutcome> decided = decided();
    KStream<String, SpecificRecord> gated =
        first.process(() -> new ReviewGate(review.on(), refused), ReviewGate.STORE);
    only(gated, EditReview.class).to(Topics.REVIEW, produced(EditReview.getClassSchema()));
    TerminalEvents events = new TerminalEvents(registry, Clock.systemUTC());
    KStream<String, SpecificRecord> ends =
        only(gated, EditOutcome.class)
            .merge(decided)
            .processValues(() -> new TerminalEventProcessor(events, refused));
    KStream<String, EditCompleted> completed = only(ends, EditCompleted.class);
    completed.to(Topics.COMPLETED, produced(EditCompleted.getClassSchema()));
    KStream<String, EditFailed> failed = only(ends, EditFailed.class);
    failed.to(Topics.FAILED, produced(EditFailed.getClassSchema()));
    KStream<String, EditRequested> requests =
        this.<EditRequested>stream(Topics.ENTRIES, EditRequested.getClassSchema())
            .filter((key, request) -> request != null && isProper(request));
    keepStatus(requests, completed, failed);
    sumUp(first);
    keepBatches(requests, outcomes.merge(decided));
    return builder.build();
  }

  /** The outcomes that waited for a verdict and have one. */
  private KStream<String, EditOutcome> decided() {
    addStore(ReviewGate.STORE, EditReview.getClassSchema());
    addStore(StatusUpdater.STORE, EditStatus.getClassSchema());
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(OpenRequests.STORE),
                Serdes.String(),
                Serdes.String())
            .withCachingEnabled()); // what begins soon is never written
    KStream<String, EditVerdict> verdicts =
        stream(List.of(Topics.VERDICTS), EditVerdict.getClassSchema());
    verdicts
        .filter((id, verdict) -> verdict != null && verdict.getRuling() == Ruling.HOLD)
        .process(
            () -> StatusUpdater.ofVerdicts(passedOver, around.backlog()),
            StatusUpdater.STORE,
            OpenRequests.STORE);
    return verdicts.process(() -> new VerdictGate(passedOver, review.longest()), ReviewGate.STORE);
  }

  private static <T extends SpecificRecord> KStream<String, T> only(
      KStream<String, SpecificRecord> events, Class<T> type) {
    return events.filter((id, event) -> type.isInstance(event)).mapValues(type::cast);
  }

  /** Requests come under their edit key and are brought under their id, where the rest is. */
  private void keepStatus(
      KStream<String, EditRequested> requests,
      KStream<String, EditCompleted> completed,
      KStream<String, EditFailed> failed) {
    requests
        .map((key, request) -> KeyValue.pair(request.getRequestId(), nameOf(request)))
        .repartition(
            Repartitioned.with(
                    Serdes.String(), this.<EditRequested>serde(EditRequested.getClassSchema()))
                .withName("requests-by-id")
                .withNumberOfPartitions(partitions))
        .process(
            () -> StatusUpdater.ofRequests(passedOver, around.backlog()),
            StatusUpdater.STORE,
            OpenRequests.STORE);
    this.<EditProgress>stream(List.of(Topics.PROGRESS), EditProgress.getClassSchema())
        .process(
            () -> StatusUpdater.ofProgress(passedOver, around.backlog()),
            StatusUpdater.STORE,
            OpenRequests.STORE);
    completed.process(
        () -> StatusUpdater.ofCompleted(passedOver, around.backlog()),
        StatusUpdater.STORE,
        OpenRequests.STORE);
    failed.process(
        () -> StatusUpdater.ofFailed(passedOver, around.backlog()),
        StatusUpdater.STORE,
        OpenRequests.STORE);
  }

  /** Others may be of any size; the worker's outcome says what is wrong with them. */
  static boolean isProper(EditRequested request) {
    try {
      RequestRules.check(request);
      return true;
    } catch (InvalidRequestException e) {
      return false;
    }
  }

  /** Of a request what its status needs. */
  private static EditRequested nameOf(EditRequested request) {
    return EditRequested.newBuilder()
        .setRequestId(request.getRequestId())
        .setTenant(request.getTenant())
        .setModel(request.getModel())
        .setPriority(request.getPriority())
        .setSource("")
        .setInstruction("")
        .setRequestedAt(request.getRequestedAt())
        .build();
  }

  /** Lines, and what is asked of batches, are brought under their batch. */
  private void keepBatches(
      KStream<String, EditRequested> requests, KStream<String, EditOutcome> outcomes) {
    addStore(BatchBook.STATUSES, BatchStatus.getClassSchema());
    addStore(BatchBook.LINES, BatchLine.getClassSchema());
    addStore(ParkedRequests.STORE, EditRequested.getClassSchema());
    KStream<String, BatchLine> begun =
        requests
            .filter((key, request) -> request.getBatch() != null)
            .map((key, request) -> KeyValue.pair(BatchBook.key(request), LineEnds.line(request)))
            .repartition(byBatch("batch-lines", BatchLine.getClassSchema()));
    KStream<String, BatchCompleted> byLines =
        outcomes
            .process(LineEnds::new, StatusUpdater.STORE)
            .repartition(byBatch("batch-ends", BatchLine.getClassSchema()))
            .merge(begun) // not before: the state would be filed by the partitions of requests
            .process(BatchUpdater::ofLines, BatchBook.STATUSES, BatchBook.LINES);
    KStream<String, BatchCompleted> byCommands =
        this.<BatchCommand>stream(List.of(Topics.BATCH_COMMANDS), BatchCommand.getClassSchema())
            .filter((key, command) -> command != null && isProper(command))
            .selectKey((key, command) -> Topics.batchKey(command.getTenant(), command.getBatch()))
            .repartition(byBatch("batch-commands", BatchCommand.getClassSchema()))
            .process(BatchUpdater::ofCommands, BatchBook.STATUSES, BatchBook.LINES);
    byLines.merge(byCommands).to(Topics.BATCHES, produced(BatchCompleted.getClassSchema()));
    this.<EditRequested>stream(List.of(Topics.BATCH_PARKED), EditRequested.getClassSchema())
        .process(
            () -> new ParkedRequests(around.withdrawn()), BatchBook.STATUSES, ParkedRequests.STORE)
        .to(
            (key, request, context) -> Topics.of(request),
            produced(EditRequested.getClassSchema()));
  }

  private static boolean isProper(BatchCommand command) {
    return RequestRules.isName(command.getTenant()) && RequestRules.isName(command.getBatch());
  }

  private <T extends SpecificRecord> void addStore(String name, Schema schema) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(name), Serdes.String(), this.<T>serde(schema))
            .withCachingEnabled());
  }

  private <T extends SpecificRecord> Repartitioned<String, T> byBatch(String name, Schema schema) {
    return Repartitioned.with(Serdes.String(), this.<T>serde(schema))
        .withName(name)
        .withNumberOfPartitions(partitions);
  }

  private void sumUp(KStream<String, EditOutcome> first) {
    first
        .mapValues(SinkTopology::costOf)
        .groupBy(
            (id, outcome) -> outcome.getTenant() + "/" + outcome.getModel(),
            Grouped.with(
                "outcomes-by-model",
                Serdes.String(),
                this.<EditOutcome>serde(EditOutcome.getClassSchema())))
        .windowedBy(TimeWindows.ofSizeAndGrace(WINDOW, GRACE))
        .aggregate(
            MetricsWindows::empty,
            (key, outcome, window) -> MetricsWindows.plus(window, outcome),
            Materialized.<String, MetricsWindow, WindowStore<Bytes, byte[]>>as("metrics-windows")
                .withKeySerde(Serdes.String())
                .withValueSerde(this.<MetricsWindow>serde(MetricsWindow.getClassSchema())))
        .toStream()
        .map(SinkTopology::metrics)
        .to(Topics.METRICS, produced(EditMetrics.getClassSchema()));
  }

  /** Of an outcome what the metrics need. */
  private static EditOutcome costOf(EditOutcome outcome) {
    return EditOutcome.newBuilder(outcome)
        .clearRequest()
        .clearRaw()
        .clearResult()
        .clearFailure()
        .build();
  }

  private static KeyValue<String, EditMetrics> metrics(
      Windowed<String> window, MetricsWindow counts) {
    int slash = window.key().indexOf('/'); // a tenant's name has none
    return KeyValue.pair(
        window.key() + "/" + window.window().start(),
        MetricsWindows.event(
            counts,
            window.key().substring(0, slash),
            window.key().substring(slash + 1),
            window.window().startTime(),
            window.window().endTime()));
  }

  private <T extends SpecificRecord> KStream<String, T> stream(List<String> topics, Schema schema) {
    return builder.stream(
        topics,
        Consumed.with(Serdes.String(), this.<T>serde(schema))
            .withTimestampExtractor(new RecordTime()));
  }

  private <T extends SpecificRecord> Produced<String, T> produced(Schema schema) {
    return Produced.with(Serdes.String(), this.<T>serde(schema));
  }

  private <T extends SpecificRecord> Serde<T> serde(Schema schema) {
    return Serdes.serdeFrom(
        new EventSerializer<>(registry), new EventDeserializer<>(registry, schema));
  }
}
