package io.smartedit.sink;

import io.smartedit.events.BatchStatus;
import io.smartedit.events.EditRequested;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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
 * Keeps the requests that workers have set aside because their batch rests, and gives them back in
 * the order in which they came, a slice at a time, once it rests no longer. What is withdrawn or
 * too late goes back at once, to be answered as such.
 */
@NullUnmarked // Kafka calls init before process
final class ParkedRequests implements Processor<String, EditRequested, String, EditRequested> {

  static final String STORE = "batch-parked";
  static final Duration PAUSE = Duration.ofMillis(200);
  static final int SLICE = 1000;

  /** Batches that rest, at which a slice looks at most. */
  private static final int LOOKS = 100;

  private ProcessorContext<String, EditRequested> context;
  private KeyValueStore<String, BatchStatus> statuses;
  private KeyValueStore<String, EditRequested> parked;
  private final Predicate<EditRequested> withdrawn;
  private @Nullable String next;
  private @Nullable String looked;

  ParkedRequests(Predicate<EditRequested> withdrawn) {
    this.withdrawn = withdrawn;
  }

  @Override
  public void init(ProcessorContext<String, EditRequested> processorContext) {
    context = processorContext;
    statuses = context.getStateStore(BatchBook.STATUSES);
    parked = context.getStateStore(STORE);
    context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, now -> giveBack());
  }

  @Override
  public void process(Record<String, EditRequested> record) {
    EditRequested request = record.value();
    if (request == null || request.getBatch() == null || !SinkTopology.isProper(request)) {
      return;
    }
    long offset = context.recordMetadata().map(RecordMetadata::offset).orElse(0L);
    parked.put(BatchBook.place(BatchBook.key(request), offset), request);
    count(request, 1);
  }

  private void giveBack() {
    List<KeyValue<String, EditRequested>> due = new ArrayList<>();
    for (int looks = 0; looks < LOOKS && due.size() < SLICE; looks++) {
      next = collect(next, due);
      if (next == null) {
        break;
      }
    }
    due.forEach(this::giveBack);
    ended().forEach(this::giveBack);
  }

  private void giveBack(KeyValue<String, EditRequested> entry) {
    parked.delete(entry.key);
    count(entry.value, -1);
    context.forward(
        new Record<>(Topics.key(entry.value), entry.value, context.currentSystemTimeMs()));
  }

  /** Of some that rest those that need not, and the next time of those behind them. */
  private List<KeyValue<String, EditRequested>> ended() {
    List<KeyValue<String, EditRequested>> ended = new ArrayList<>();
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    try (KeyValueIterator<String, EditRequested> entries = parked.range(looked, null)) {
      for (int looks = 0; looks < SLICE && entries.hasNext(); looks++) {
        KeyValue<String, EditRequested> entry = entries.next();
        Instant deadline = entry.value.getDeadline();
        if (withdrawn.test(entry.value) || (deadline != null && now.isAfter(deadline))) {
          ended.add(entry);
        }
      }
      looked = entries.hasNext() ? entries.peekNextKey() : null;
    }
    return ended;
  }

  /** Collects up to a batch that rests; says where to go on, past it, if anywhere. */
  private @Nullable String collect(
      @Nullable String from, List<KeyValue<String, EditRequested>> due) {
    try (KeyValueIterator<String, EditRequested> entries = parked.range(from, null)) {
      while (entries.hasNext()) {
        if (due.size() >= SLICE) {
          return entries.peekNextKey();
        }
        KeyValue<String, EditRequested> entry = entries.next();
        BatchStatus status = statuses.get(BatchBook.key(entry.value));
        if (status != null && status.getPaused()) {
          return BatchBook.key(entry.value) + (char) ('/' + 1);
        }
        due.add(entry);
      }
      return null;
    }
  }

  private void count(EditRequested request, long more) {
    String key = BatchBook.key(request);
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    BatchStatus.Builder status =
        BatchBook.known(statuses.get(key), request.getTenant(), request.getBatch(), now);
    statuses.put(key, status.setParked(Math.max(0, status.getParked() + more)).build());
  }
}
