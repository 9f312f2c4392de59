package io.smartedit.sink;

import io.smartedit.events.BatchCommand;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.BatchLine;
import io.smartedit.events.BatchStatus;
import io.smartedit.events.Topics;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;

/**
 * The topology's step from lines and commands of batches to the event of each batch. Records come
 * by tenant and batch, so that all of a batch meet in one partition.
 */
@NullUnmarked // Kafka calls init before process
final class BatchUpdater<V> implements Processor<String, V, String, BatchCompleted> {

  private final Change<V> change;
  private final boolean sweeps;
  private ProcessorContext<String, BatchCompleted> context;
  private BatchBook book;

  /** What a record does to the book. */
  private interface Change<V> {
    Optional<BatchCompleted> of(BatchBook book, V value, Instant now);
  }

  private BatchUpdater(Change<V> change, boolean sweeps) {
    this.change = change;
    this.sweeps = sweeps;
  }

  /** Of lines. Of the two that share the stores this one takes out what is too old. */
  static BatchUpdater<BatchLine> ofLines() {
    return new BatchUpdater<>(BatchBook::add, true);
  }

  static BatchUpdater<BatchCommand> ofCommands() {
    return new BatchUpdater<>(BatchBook::obey, false);
  }

  @Override
  public void init(ProcessorContext<String, BatchCompleted> processorContext) {
    context = processorContext;
    KeyValueStore<String, BatchStatus> statuses = context.getStateStore(BatchBook.STATUSES);
    KeyValueStore<String, BatchLine> lines = context.getStateStore(BatchBook.LINES);
    book = new BatchBook(statuses, lines);
    if (sweeps) {
      sweep(new RetentionSweep<>(statuses, BatchUpdater::lastUse));
      sweep(new RetentionSweep<>(lines, line -> line.getUpdatedAt().toEpochMilli()));
    }
  }

  /** A batch of which something rests is not forgotten. */
  private static long lastUse(BatchStatus status) {
    return status.getParked() > 0 ? Long.MAX_VALUE : status.getUpdatedAt().toEpochMilli();
  }

  private void sweep(RetentionSweep<?> sweep) {
    context.schedule(RetentionSweep.PAUSE, PunctuationType.WALL_CLOCK_TIME, sweep::slice);
  }

  @Override
  public void process(Record<String, V> record) {
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    change
        .of(book, record.value(), now)
        .ifPresent(
            event ->
                context.forward(
                    new Record<>(
                        Topics.batchKey(event.getTenant(), event.getBatch()),
                        event,
                        now.toEpochMilli())));
  }
}
