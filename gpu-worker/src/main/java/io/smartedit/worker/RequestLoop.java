package io.smartedit.worker;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.RegistryException;
import io.smartedit.events.Topics;
import io.smartedit.worker.Worker.Answer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the consumer: takes records while there is room, publishes answers, commits.
 *
 * <p>An outcome and the offsets it frees go into one transaction. Work ends out of order: a
 * partition is committed up to its first open record, and the open ones behind it are in the
 * commit's metadata with their attempts. After a crash some answered records come again; they are
 * answered from the store, and the sink drops the second outcome.
 */
final class RequestLoop implements ConsumerRebalanceListener {

  private static final Logger LOG = LoggerFactory.getLogger(RequestLoop.class);
  private static final Duration POLL = Duration.ofMillis(50);

  private final WorkerSettings settings;
  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaProducer<String, SpecificRecord> producer;
  private final EventDeserializer<EditRequested> deserializer;
  private final Outcomes outcomes;
  private final Clock clock;
  private final Map<TopicPartition, OffsetLedger> ledgers = new ConcurrentHashMap<>(); // gauged
  private final Map<TopicPartition, Map<Long, Integer>> earlierAttempts = new HashMap<>();
  private final List<Answered> pending = new ArrayList<>();
  private boolean quiet = true;

  /** An outcome to be published for a record. */
  private record Answered(
      TopicPartition partition, long offset, OffsetLedger ledger, EditOutcome outcome) {}

  RequestLoop(
      WorkerSettings settings,
      KafkaConsumer<String, byte[]> consumer,
      KafkaProducer<String, SpecificRecord> producer,
      EventDeserializer<EditRequested> deserializer,
      Outcomes outcomes,
      Clock clock) {
    this.settings = settings;
    this.consumer = consumer;
    this.producer = producer;
    this.deserializer = deserializer;
    this.outcomes = outcomes;
    this.clock = clock;
  }

  /** Runs until told to stop, then finishes what is open, for at most {@code drain}. */
  void run(Consumer<Job> accept, Queue<Answer> answers, BooleanSupplier stopping, Duration drain) {
    try (consumer;
        producer) {
      producer.initTransactions();
      consumer.subscribe(List.of(Topics.REQUESTED, Topics.BULK), this);
      while (!stopping.getAsBoolean()) {
        turn(accept, answers, openCount() < settings.maxInFlight());
      }
      long end = System.nanoTime() + drain.toNanos();
      while (openCount() > 0 && System.nanoTime() < end) {
        turn(accept, answers, false);
      }
    } finally {
      ledgers.values().forEach(OffsetLedger::abandon);
    }
  }

  private void turn(Consumer<Job> accept, Queue<Answer> answers, boolean room) {
    choose(room);
    ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
    quiet = !records.records(Topics.REQUESTED).iterator().hasNext();
    take(records, accept);
    for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
      Job job = answer.job();
      pending.add(new Answered(job.partition, job.offset, job.ledger, answer.outcome()));
    }
    publish();
  }

  /** Everything while there is room; bulk requests only while no others wait or are under way. */
  private void choose(boolean room) {
    boolean bulk = room && quiet && openCount(Topics.REQUESTED) == 0;
    Set<TopicPartition> pause = new HashSet<>();
    Set<TopicPartition> resume = new HashSet<>();
    for (TopicPartition partition : consumer.assignment()) {
      boolean wanted = partition.topic().equals(Topics.BULK) ? bulk : room;
      (wanted ? resume : pause).add(partition);
    }
    consumer.pause(pause);
    consumer.resume(resume);
  }

  private int openCount(String topic) {
    return ledgers.entrySet().stream()
        .filter(entry -> entry.getKey().topic().equals(topic))
        .mapToInt(entry -> entry.getValue().openCount())
        .sum();
  }

  private void take(ConsumerRecords<String, byte[]> records, Consumer<Job> accept) {
    List<Job> jobs = new ArrayList<>();
    Set<TopicPartition> touched = new HashSet<>();
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!take(partition, record, jobs)) {
          break;
        }
        touched.add(partition);
      }
    }
    noteAttempts(touched);
    jobs.forEach(accept);
  }

  /** False where the record must be polled again. */
  private boolean take(
      TopicPartition partition, ConsumerRecord<String, byte[]> record, List<Job> jobs) {
    OffsetLedger ledger = ledgers.computeIfAbsent(partition, key -> new OffsetLedger());
    int attempt =
        1 + earlierAttempts.getOrDefault(partition, Map.of()).getOrDefault(record.offset(), 0);
    try {
      EditRequested request = deserializer.deserialize(record.topic(), record.value());
      if (request == null) {
        throw new SerializationException("record is empty");
      }
      ledger.take(record.offset(), attempt);
      jobs.add(new Job(partition, record.offset(), ledger, attempt, request, clock));
    } catch (RegistryException e) {
      if (!e.isUnknownSchema()) {
        LOG.warn("{}; {} waits", e.getMessage(), partition);
        consumer.seek(partition, record.offset());
        return false;
      }
      refuse(partition, record, ledger, e);
    } catch (SerializationException e) {
      refuse(partition, record, ledger, e);
    }
    return true;
  }

  private void refuse(
      TopicPartition partition,
      ConsumerRecord<String, byte[]> record,
      OffsetLedger ledger,
      SerializationException why) {
    ledger.take(record.offset(), 1);
    EditOutcome outcome = outcomes.undecodable(record, String.valueOf(why.getMessage()));
    pending.add(new Answered(partition, record.offset(), ledger, outcome));
  }

  /** Says outside this process what is about to be tried. */
  private void noteAttempts(Set<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetLedger ledger = ledgers.get(partition);
      if (ledger != null) {
        commits.put(partition, commit(ledger, Set.of()));
      }
    }
    try {
      consumer.commitSync(commits);
    } catch (RebalanceInProgressException | CommitFailedException e) {
      LOG.debug("attempts are not noted during a rebalance", e);
    }
  }

  private void publish() {
    pending.removeIf(answer -> ledgers.get(answer.partition()) != answer.ledger());
    if (pending.isEmpty()) {
      return;
    }
    Map<TopicPartition, Set<Long>> done = new HashMap<>();
    for (Answered answer : pending) {
      done.computeIfAbsent(answer.partition(), key -> new HashSet<>()).add(answer.offset());
    }
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    done.forEach(
        (partition, offsets) -> {
          OffsetLedger ledger = ledgers.get(partition);
          if (ledger != null) {
            commits.put(partition, commit(ledger, offsets));
          }
        });
    try {
      producer.beginTransaction();
      for (Answered answer : pending) {
        // A failed send fails the commit.
        var unused =
            producer.send(
                new ProducerRecord<>(
                    Topics.OUTCOMES, answer.outcome().getRequestId(), answer.outcome()));
      }
      producer.sendOffsetsToTransaction(commits, consumer.groupMetadata());
      producer.commitTransaction();
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw e; // another worker has this id: this one must end
    } catch (KafkaException e) {
      LOG.warn("outcomes wait: {}", e.getMessage());
      producer.abortTransaction();
      return;
    }
    pending.forEach(answer -> answer.ledger().complete(answer.offset()));
    pending.clear();
  }

  private static OffsetAndMetadata commit(OffsetLedger ledger, Set<Long> done) {
    return new OffsetAndMetadata(
        ledger.positionAfter(done), Attempts.format(ledger.attemptsAfter(done)));
  }

  int openCount() {
    return ledgers.values().stream().mapToInt(OffsetLedger::openCount).sum();
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    consumer
        .committed(Set.copyOf(partitions))
        .forEach(
            (partition, committed) -> {
              if (committed != null) {
                earlierAttempts.put(partition, Attempts.parse(committed.metadata()));
              }
            });
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    publish();
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      OffsetLedger ledger = ledgers.remove(partition);
      if (ledger != null) {
        ledger.abandon();
      }
      earlierAttempts.remove(partition);
    }
  }
}
