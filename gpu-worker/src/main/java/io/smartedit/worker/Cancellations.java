package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.RegistryException;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that clients do not want, any more or for now: follows {@code edits.cancelled} and
 * {@code edits.batches.commands} from their beginning, whatever lies there, and however often
 * broker or registry are away. May be asked from any thread.
 */
final class Cancellations implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Cancellations.class);
  private static final int REMEMBERED = 100_000;
  private static final Duration POLL = Duration.ofMillis(500);

  private final Consumer<String, byte[]> consumer;
  private final EventDeserializer<EditCancelled> deserializer;
  private final EventDeserializer<BatchCommand> commands;
  private final RetryPolicy retries;
  private final Thread thread = new Thread(this::run, "cancellations");
  private final CountDownLatch known = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);

  /** The newest ones. */
  private final Cache<Request, Boolean> requests =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /** Batches that rest or are cancelled, and which of both. */
  private final Cache<Batch, BatchAction> batches =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /** Where the topics ended when they were first seen. */
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  private int failures;

  private record Request(String tenant, String id) {}

  private record Batch(String tenant, String id) {}

  Cancellations(Consumer<String, byte[]> consumer, SchemaRegistry registry, RetryPolicy retries) {
    this.consumer = consumer;
    this.deserializer = new EventDeserializer<>(registry, EditCancelled.getClassSchema());
    this.commands = new EventDeserializer<>(registry, BatchCommand.getClassSchema());
    this.retries = retries;
  }

  void start() {
    thread.start();
  }

  /** Whether all that were there at the start are known. */
  boolean isKnown() {
    return known.getCount() == 0;
  }

  /** Whether a request is cancelled, by itself or with its batch. */
  boolean contains(TakenRequest taken) {
    Request request = new Request(taken.request().getTenant(), taken.requestId());
    return requests.getIfPresent(request) != null || last(taken) == BatchAction.CANCEL;
  }

  /** Whether a request's batch rests. */
  boolean isPaused(TakenRequest taken) {
    return last(taken) == BatchAction.PAUSE;
  }

  private @Nullable BatchAction last(TakenRequest taken) {
    String batch = taken.request().getBatch();
    return batch == null
        ? null
        : batches.getIfPresent(new Batch(taken.request().getTenant(), batch));
  }

  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (consumer) {
      while (closing.getCount() > 0) {
        try {
          follow();
          failures = 0;
        } catch (WakeupException e) {
          return; // closing
        } catch (KafkaException e) {
          LOG.warn("cancellations wait: {}", e.getMessage());
          rest();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      known.countDown();
    }
  }

  private void follow() throws InterruptedException {
    if (ends.isEmpty()) {
      begin();
    }
    read(consumer.poll(POLL));
    if (known.getCount() > 0 && hasReachedEnds()) {
      known.countDown();
    }
  }

  private void begin() {
    List<TopicPartition> partitions =
        Stream.of(Topics.CANCELLED, Topics.BATCH_COMMANDS)
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    ends.putAll(consumer.endOffsets(partitions));
  }

  private void read(ConsumerRecords<String, byte[]> records) throws InterruptedException {
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!read(record)) {
          consumer.seek(partition, record.offset());
          rest();
          break;
        }
      }
    }
  }

  /** False where the record must be read again. */
  private boolean read(ConsumerRecord<String, byte[]> record) {
    try {
      if (record.topic().equals(Topics.BATCH_COMMANDS)) {
        obey(commands.deserialize(record.topic(), record.value()));
      } else {
        note(deserializer.deserialize(record.topic(), record.value()));
      }
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      boolean waits = e instanceof RegistryException registry && !registry.isUnknownSchema();
      LOG.warn(
          "{}-{} {}: {}",
          record.topic(),
          record.offset(),
          waits ? "waits" : "changes nothing",
          e.getMessage());
      return !waits;
    }
    return true;
  }

  private void note(@Nullable EditCancelled cancelled) {
    if (cancelled != null && areNames(cancelled.getTenant(), cancelled.getRequestId())) {
      requests.put(new Request(cancelled.getTenant(), cancelled.getRequestId()), true);
    }
  }

  /** A cancelled batch stays so. */
  private void obey(@Nullable BatchCommand command) {
    if (command == null || !areNames(command.getTenant(), command.getBatch())) {
      return;
    }
    Batch batch = new Batch(command.getTenant(), command.getBatch());
    switch (command.getAction()) {
      case CANCEL -> batches.put(batch, BatchAction.CANCEL);
      case PAUSE -> batches.asMap().putIfAbsent(batch, BatchAction.PAUSE);
      case RESUME -> batches.asMap().remove(batch, BatchAction.PAUSE);
      case SEAL, UNKNOWN -> {} // the sink's
    }
  }

  /** No request is called anything else, and what is remembered is bounded by this. */
  private static boolean areNames(String tenant, String id) {
    return RequestRules.isName(tenant) && RequestRules.isName(id);
  }

  private boolean hasReachedEnds() {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private void rest() throws InterruptedException {
    failures++;
    boolean closed = closing.await(retries.afterOutage(failures).toMillis(), TimeUnit.MILLISECONDS);
    LOG.trace("rested, closed is {}", closed);
  }
}
