package io.smartedit.sink.routing;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the requests that workers have set aside because their tenant, their model or everything
 * rests, and gives them back in the order in which they came once it rests no longer. What is kept
 * ends as its client or its deadline says.
 *
 * <p>Requests of one tenant that name the same model, or none, rest and go on together; so they are
 * kept together.
 */
@NullUnmarked // Kafka calls init before process
final class PausedRequests implements Processor<String, byte[], String, SpecificRecord> {

  static final String STORE = "paused";
  static final Duration PAUSE = Duration.ofMillis(200);

  /** Requests that are handed on in a turn, at most. */
  static final int SLICE = 1000;

  /** Requests at which a turn looks to see whether they end, at most. */
  private static final int LOOKS = 500;

  private final EventDeserializer<EditRequested> deserializer;
  private final Knowledge.Facts facts;
  private final WaitingRequests shown;

  private final Map<String, Long> counts = new TreeMap<>();
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<String, EditRequested> store;
  private @Nullable String next;

  PausedRequests(
      EventDeserializer<EditRequested> deserializer, Knowledge.Facts facts, WaitingRequests shown) {
    this.deserializer = deserializer;
    this.facts = facts;
    this.shown = shown;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> processorContext) {
    context = processorContext;
    store = context.getStateStore(STORE);
    counts.clear(); // a task that begins again after a fault keeps its processors
    next = null;
    try (KeyValueIterator<String, EditRequested> all = store.all()) {
      all.forEachRemaining(entry -> counts.merge(groupOf(entry.value), 1L, Long::sum));
    }
    show();
    context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::turn);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    Arrival arrival = Arrival.of(deserializer, record.value());
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    if (arrival instanceof Arrival.Proper proper) {
      keep(proper.request());
    } else if (arrival instanceof Arrival.Refused refused) {
      answer(refused.outcome(place(), record.value(), now));
    }
  }

  private void keep(EditRequested request) {
    String group = groupOf(request);
    long offset = context.recordMetadata().map(RecordMetadata::offset).orElse(0L);
    store.put(key(group, offset), request);
    counts.merge(group, 1L, Long::sum);
  }

  private void turn(long millis) {
    if (facts.since().get().isPresent()) { // until then what rests is not known
      int room = SLICE;
      for (String group : List.copyOf(counts.keySet())) {
        room -= room > 0 ? handOn(group, room) : 0;
      }
      look(Instant.ofEpochMilli(millis));
    }
    show();
  }

  /** Hands on the first of a group that rests no longer; says how many. */
  private int handOn(String group, int most) {
    int slash = group.indexOf('/');
    String model = group.substring(slash + 1);
    if (facts.pauses().of(group.substring(0, slash), model.isEmpty() ? null : model).isPresent()) {
      return 0;
    }
    List<KeyValue<String, EditRequested>> due =
        StoreSlice.of(store, key(group, 0), key(group, Long.MAX_VALUE), most);
    for (KeyValue<String, EditRequested> entry : due) {
      remove(entry);
      forward(Topics.key(entry.value), entry.value);
    }
    return due.size();
  }

  /** Looks at some of those that rest, and the next time at those behind them. */
  private void look(Instant now) {
    List<KeyValue<String, EditRequested>> some = StoreSlice.of(store, next, null, LOOKS);
    for (KeyValue<String, EditRequested> entry : some) {
      Endings.unwanted(entry.value, facts.withdrawn(), now)
          .ifPresent(
              outcome -> {
                remove(entry);
                answer(outcome);
              });
    }
    next = some.size() < LOOKS ? null : some.get(some.size() - 1).key + "0"; // behind it
  }

  private void remove(KeyValue<String, EditRequested> entry) {
    store.delete(entry.key);
    counts.computeIfPresent(groupOf(entry.value), (group, count) -> count == 1 ? null : count - 1);
  }

  private void answer(EditOutcome outcome) {
    forward(outcome.getRequestId(), outcome);
  }

  private void forward(String key, SpecificRecord event) {
    context.forward(new Record<>(key, event, context.currentSystemTimeMs()));
  }

  private void show() {
    Map<String, Long> tenants = new TreeMap<>();
    counts.forEach(
        (group, count) -> tenants.merge(group.substring(0, group.indexOf('/')), count, Long::sum));
    shown.set(context.taskId(), tenants);
  }

  /** No name has a slash. */
  private static String groupOf(EditRequested request) {
    String model = request.getModel();
    return request.getTenant() + "/" + (model == null ? "" : model);
  }

  private static String key(String group, long offset) {
    return "%s/%019d".formatted(group, offset);
  }

  private String place() {
    return context
        .recordMetadata()
        .map(at -> Endings.place(at.topic(), at.partition(), at.offset()))
        .orElse(Topics.PAUSED);
  }

  @Override
  public void close() {
    shown.forget(context.taskId());
  }
}
