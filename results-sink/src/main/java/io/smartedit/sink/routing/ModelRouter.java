package io.smartedit.sink.routing;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.ModelWaiting;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Hands on a request that names a model to those who serve it, and keeps it while nobody does, in
 * the order in which requests came. What is kept ends as its client or its deadline says, or once
 * it has waited for its model for long enough. What lies on the topic and is no such request is
 * answered at once.
 */
@NullUnmarked // Kafka calls init before process
final class ModelRouter implements Processor<String, byte[], String, SpecificRecord> {

  static final String STORE = "waiting";

  /** No tenant's name. */
  private static final String NOBODY = "";

  static final Duration PAUSE = Duration.ofMillis(200);

  /** Requests that are handed on in a turn, at most. */
  static final int SLICE = 1000;

  /** Requests at which a turn looks to see whether they end, at most. */
  private static final int LOOKS = 500;

  /** What rests waits anew; so often in a patience that is noted. */
  private static final int PARTS = 10;

  /** So long it takes until every worker that lives has been heard. */
  static final Duration SETTLING = Duration.ofSeconds(15);

  private final EventDeserializer<EditRequested> deserializer;
  private final Knowledge.Facts facts;
  private final Duration patience;
  private final Duration refresh;
  private final WaitingRequests waiting;

  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Long> told = new HashMap<>();
  private ProcessorContext<String, SpecificRecord> context;
  private TimestampedKeyValueStore<String, EditRequested> store;
  private @Nullable String next;

  ModelRouter(
      EventDeserializer<EditRequested> deserializer,
      Knowledge.Facts facts,
      Duration patience,
      WaitingRequests waiting) {
    this.deserializer = deserializer;
    this.facts = facts;
    this.patience = patience;
    this.refresh = patience.dividedBy(PARTS);
    this.waiting = waiting;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> processorContext) {
    context = processorContext;
    store = context.getStateStore(STORE);
    counts.clear(); // a task that begins again after a fault keeps its processors
    told.clear();
    next = null;
    try (KeyValueIterator<String, ValueAndTimestamp<EditRequested>> all = store.all()) {
      all.forEachRemaining(entry -> counts.merge(modelOf(entry.key), 1L, Long::sum));
    }
    waiting.set(context.taskId(), counts);
    context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::turn);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    Arrival arrival = Arrival.of(deserializer, record.value());
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    if (arrival instanceof Arrival.Proper proper) {
      route(proper.request());
    } else if (arrival instanceof Arrival.Refused refused) {
      answer(refused.outcome(place(), record.value(), now));
    }
  }

  private void route(EditRequested request) {
    String model = request.getModel();
    if (model == null) {
      handOn(request);
      return;
    }
    boolean others = counts.containsKey(model); // it must not overtake them
    if (!others && facts.since().get().isPresent() && facts.workers().serves(model)) {
      handOn(request);
      return;
    }
    long offset = context.recordMetadata().map(RecordMetadata::offset).orElse(0L);
    store.put(key(model, offset), ValueAndTimestamp.make(request, context.currentSystemTimeMs()));
    counts.merge(model, 1L, Long::sum);
  }

  private void turn(long millis) {
    Optional<Instant> since = facts.since().get();
    if (since.isPresent()) {
      int room = SLICE;
      for (String model : List.copyOf(counts.keySet())) {
        if (room > 0 && facts.workers().serves(model)) {
          room -= handOn(model, room);
        }
      }
      Instant now = Instant.ofEpochMilli(millis);
      look(now, !now.isBefore(since.get().plus(SETTLING)));
    }
    waiting.set(context.taskId(), counts);
    tell(Instant.ofEpochMilli(millis));
  }

  /**
   * With the requests themselves in one transaction, so that none is counted twice or not at all. A
   * model that rests needs no workers.
   */
  private void tell(Instant now) {
    Map<String, Long> waits = new TreeMap<>(counts);
    waits.keySet().removeIf(model -> facts.pauses().of(NOBODY, model).isPresent());
    Set<String> models = new TreeSet<>(waits.keySet());
    models.addAll(told.keySet());
    int partition = context.taskId().partition();
    for (String model : models) {
      long requests = waits.getOrDefault(model, 0L);
      if (requests != told.getOrDefault(model, 0L)) {
        forward(model + "/" + partition, new ModelWaiting(model, partition, requests, now));
      }
    }
    told.clear();
    told.putAll(waits);
  }

  private int handOn(String model, int most) {
    List<KeyValue<String, ValueAndTimestamp<EditRequested>>> due =
        StoreSlice.of(store, key(model, 0), key(model, Long.MAX_VALUE), most);
    for (KeyValue<String, ValueAndTimestamp<EditRequested>> entry : due) {
      remove(entry.key);
      handOn(entry.value.value());
    }
    return due.size();
  }

  /** Looks at some of those that wait, and the next time at those behind them. */
  private void look(Instant now, boolean settled) {
    List<KeyValue<String, ValueAndTimestamp<EditRequested>>> some =
        StoreSlice.of(store, next, null, LOOKS);
    for (KeyValue<String, ValueAndTimestamp<EditRequested>> entry : some) {
      EditRequested request = entry.value.value();
      if (!facts.workers().serves(request.getModel())) {
        Instant from = Instant.ofEpochMilli(entry.value.timestamp());
        if (facts.pauses().of(request).isPresent() && now.isAfter(from.plus(refresh))) {
          store.put(entry.key, ValueAndTimestamp.make(request, now.toEpochMilli()));
          from = now;
        }
        ending(request, from, now, settled)
            .ifPresent(
                outcome -> {
                  remove(entry.key);
                  answer(outcome);
                });
      }
    }
    next = some.size() < LOOKS ? null : some.get(some.size() - 1).key + "0"; // behind it
  }

  private Optional<EditOutcome> ending(
      EditRequested request, Instant from, Instant now, boolean settled) {
    Optional<EditOutcome> unwanted = Endings.unwanted(request, facts.withdrawn(), now);
    if (unwanted.isEmpty() && settled && now.isAfter(from.plus(patience))) {
      return Optional.of(
          Endings.rejected(
              request, Endings.unserved(request.getModel(), patience, facts.workers()), now));
    }
    return unwanted;
  }

  private void remove(String key) {
    store.delete(key);
    counts.computeIfPresent(modelOf(key), (model, count) -> count == 1 ? null : count - 1);
  }

  private void handOn(EditRequested request) {
    forward(Topics.key(request), request);
  }

  private void answer(EditOutcome outcome) {
    forward(outcome.getRequestId(), outcome);
  }

  private void forward(String key, SpecificRecord event) {
    context.forward(new Record<>(key, event, context.currentSystemTimeMs()));
  }

  /** No model's name has a slash. */
  private static String key(String model, long offset) {
    return "%s/%019d".formatted(model, offset);
  }

  private static String modelOf(String key) {
    return key.substring(0, key.indexOf('/'));
  }

  private String place() {
    return context
        .recordMetadata()
        .map(at -> Endings.place(at.topic(), at.partition(), at.offset()))
        .orElse(Topics.NAMED);
  }

  @Override
  public void close() {
    waiting.forget(context.taskId());
  }
}
