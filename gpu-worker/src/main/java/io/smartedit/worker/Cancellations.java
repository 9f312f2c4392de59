package io.smartedit.worker;

import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that clients no longer want: follows {@code edits.cancelled} from its beginning. May
 * be asked from any thread.
 */
final class Cancellations implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Cancellations.class);
  private static final int REMEMBERED = 100_000;
  private static final Duration POLL = Duration.ofMillis(500);

  private final KafkaConsumer<String, byte[]> consumer;
  private final EventDeserializer<EditCancelled> deserializer;
  private final Thread thread = new Thread(this::run, "cancellations");
  private final CountDownLatch known = new CountDownLatch(1);
  private final Consumer<Throwable> onDeath;

  /** The newest ones. */
  private final Set<Request> requests =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Request, Boolean> eldest) {
                  return size() > REMEMBERED;
                }
              }));

  private record Request(String tenant, String id) {}

  /** {@code onDeath} hears of a failure, after which cancellations are no longer seen. */
  Cancellations(
      KafkaConsumer<String, byte[]> consumer,
      SchemaRegistry registry,
      Consumer<Throwable> onDeath) {
    this.consumer = consumer;
    this.deserializer = new EventDeserializer<>(registry, EditCancelled.getClassSchema());
    this.onDeath = onDeath;
  }

  void start() {
    thread.start();
  }

  /** Waits until all that were there at the start are known, or following them has failed. */
  void await() throws InterruptedException {
    known.await();
  }

  boolean contains(EditRequested request) {
    return requests.contains(new Request(request.getTenant(), request.getRequestId()));
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(ConsumerRecords<String, byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!read(record)) {
          consumer.seek(partition, record.offset());
          break;
        }
      }
    }
  }

  /** False where the record must be read again. */
  private boolean read(ConsumerRecord<String, byte[]> record) {
    try {
      EditCancelled cancelled = deserializer.deserialize(record.topic(), record.value());
      if (cancelled != null) {
        requests.add(new Request(cancelled.getTenant(), cancelled.getRequestId()));
      }
    } catch (SerializationException e) {
      boolean passes = e instanceof RegistryException registry && !registry.isUnknownSchema();
      LOG.warn(
          "{}-{} {}: {}",
          record.topic(),
          record.offset(),
          passes ? "waits" : "cancels nothing",
          e.getMessage());
      return !passes;
    }
    return true;
  }

  private void run() {
    try (consumer) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.CANCELLED).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (true) {
        if (known.getCount() > 0 && hasReached(ends)) {
          known.countDown();
        }
        read(consumer.poll(POLL));
      }
    } catch (WakeupException e) {
      // closing
    } catch (RuntimeException e) {
      onDeath.accept(e);
    } finally {
      known.countDown();
    }
  }

  private boolean hasReached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }
}
