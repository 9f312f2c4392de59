package io.smartedit.worker;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RegistryException;
import io.smartedit.events.RequestRules;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
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

  /**
   * Outcomes are told together where they come faster than this; a transaction costs milliseconds.
   */
  private static final long TOGETHER_NANOS = Duration.ofMillis(50).toNanos();

  /** Many times what a proper request needs, and little enough to be quoted in its outcome. */
  private static final int MAX_RECORD = 256 << 10;

  private final WorkerSettings settings;
  private final Consumer<String, byte[]> consumer;
  private final OutcomePublisher publisher;
  private final EventDeserializer<EditRequested> deserializer;
  private final Outcomes outcomes;
  private final Clock clock;
  private final Map<TopicPartition, OffsetLedger> ledgers = new ConcurrentHashMap<>(); // gauged
  private final Map<TopicPartition, Map<Long, Integer>> earlierAttempts = new HashMap<>();
  private final List<Answered> pending = new ArrayList<>();
  private long published = System.nanoTime() - TOGETHER_NANOS;
  private boolean quiet = true;

  /** An outcome to be published for a record. */
  private record Answered(
      TopicPartition partition, long offset, OffsetLedger ledger, EditOutcome outcome) {}

  /** What a loop hands its jobs to, and hears of them. */
  interface Jobs {
    void accept(Job job);

    /** The next answer, where there is one. */
    Optional<Answer> answer();

    /** Open jobs nothing is done about: they wait for others, or are left to the next worker. */
    int idle();

    boolean isStopping();
  }

  /** The loop owns its consumer and its publisher. */
  RequestLoop(
      WorkerSettings settings,
      Consumer<String, byte[]> consumer,
      OutcomePublisher publisher,
      EventDeserializer<EditRequested> deserializer,
      Outcomes outcomes,
      Clock clock) {
    this.settings = settings;
    this.consumer = consumer;
    this.publisher = publisher;
    this.deserializer = deserializer;
    this.outcomes = outcomes;
    this.clock = clock;
  }

  /** Runs until told to stop, then finishes what is open, for at most {@code drain}. */
  void run(Jobs jobs, Duration drain) {
    try (publisher;
        consumer) {
      while (!publisher.isReady() && !jobs.isStopping()) {
        LOG.info("worker {} waits for the broker", settings.workerId());
      }
      consumer.subscribe(List.of(Topics.REQUESTED, Topics.BULK), this);
      while (!jobs.isStopping()) {
        turn(jobs, openCount() - jobs.idle() < settings.maxInFlight());
      }
      long end = System.nanoTime() + drain.toNanos();
      while (openCount() > jobs.idle() && System.nanoTime() < end) {
        turn(jobs, false);
      }
      publish();
      handOver(ledgers.keySet());
    } finally {
      ledgers.values().forEach(OffsetLedger::abandon);
    }
  }

  private void turn(Jobs jobs, boolean room) {
    choose(room, jobs.idle());
    ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
    quiet = !records.records(Topics.REQUESTED).iterator().hasNext();
    take(records, jobs);
    for (Optional<Answer> next = jobs.answer(); next.isPresent(); next = jobs.answer()) {
      Job job = next.get().job();
      pending.add(new Answered(job.partition, job.offset, job.ledger, next.get().outcome()));
    }
    if (System.nanoTime() - published >= TOGETHER_NANOS) {
      publish();
    }
  }

  /** Everything while there is room; bulk requests only while no others wait or are under way. */
  private void choose(boolean room, int idle) {
    boolean bulk = room && quiet && openCount(Topics.REQUESTED) <= idle;
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

  private void take(ConsumerRecords<String, byte[]> records, Jobs jobs) {
    List<Job> taken = new ArrayList<>();
    Set<TopicPartition> touched = new HashSet<>();
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!take(partition, record, taken)) {
          break;
        }
        touched.add(partition);
      }
    }
    noteAttempts(touched);
    taken.forEach(jobs::accept);
  }

  /** False where the record must be polled again. */
  private boolean take(
      TopicPartition partition, ConsumerRecord<String, byte[]> record, List<Job> jobs) {
    OffsetLedger ledger = ledgers.computeIfAbsent(partition, key -> new OffsetLedger());
    int attempt =
        1 + earlierAttempts.getOrDefault(partition, Map.of()).getOrDefault(record.offset(), 0);
    try {
      EditRequested request = request(record);
      ledger.take(record.offset(), attempt);
      jobs.add(new Job(partition, record.offset(), ledger, attempt, request, clock));
    } catch (RegistryException e) {
      if (!e.isUnknownSchema()) {
        LOG.warn("{}; {} waits", e.getMessage(), partition);
        consumer.seek(partition, record.offset());
        return false;
      }
      refuse(partition, record, ledger, e);
    } catch (SerializationException | InvalidRequestException e) {
      refuse(partition, record, ledger, e);
    }
    return true;
  }

  /** A request that can be answered: what else is wrong with it its own outcome says. */
  private EditRequested request(ConsumerRecord<String, byte[]> record) {
    byte[] value = record.value();
    if (value != null && value.length > MAX_RECORD) {
      throw new SerializationException(
          "record has " + value.length + " bytes, more than " + MAX_RECORD);
    }
    EditRequested request = deserializer.deserialize(record.topic(), value);
    if (request == null) {
      throw new SerializationException("record is empty");
    }
    RequestRules.id(request.getRequestId());
    return request;
  }

  private void refuse(
      TopicPartition partition,
      ConsumerRecord<String, byte[]> record,
      OffsetLedger ledger,
      RuntimeException why) {
    ledger.take(record.offset(), 1);
    EditOutcome outcome = outcomes.undecodable(record, String.valueOf(why.getMessage()));
    pending.add(new Answered(partition, record.offset(), ledger, outcome));
  }

  /** Says outside this process what is about to be tried. */
  private void noteAttempts(Set<TopicPartition> partitions) {
    commit(partitions, ledger -> ledger.attemptsAfter(Set.of()));
  }

  /** Partitions whose records somebody else finishes: his attempt will be as if it were ours. */
  private void handOver(Collection<TopicPartition> partitions) {
    commit(partitions, OffsetLedger::attemptsHandedOver);
  }

  /** Commits partitions that have open records up to the first of these, with their attempts. */
  private void commit(
      Collection<TopicPartition> partitions, Function<OffsetLedger, Map<Long, Integer>> attempts) {
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetLedger ledger = ledgers.get(partition);
      if (ledger != null && ledger.openCount() > 0) {
        String metadata = Attempts.format(attempts.apply(ledger));
        commits.put(partition, new OffsetAndMetadata(ledger.positionAfter(Set.of()), metadata));
      }
    }
    if (commits.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(commits);
    } catch (RebalanceInProgressException | CommitFailedException e) {
      LOG.debug("attempts are not noted during a rebalance", e);
    } catch (TimeoutException e) {
      LOG.warn("attempts are not noted: {}", e.getMessage());
    }
  }

  private void publish() {
    pending.removeIf(answer -> ledgers.get(answer.partition()) != answer.ledger());
    if (pending.isEmpty()) {
      return;
    }
    published = System.nanoTime();
    Map<OffsetLedger, Set<Long>> done = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    for (Answered answer : pending) {
      Set<Long> offsets = done.computeIfAbsent(answer.ledger(), key -> new HashSet<>());
      offsets.add(answer.offset());
      commits.put(answer.partition(), commit(answer.ledger(), offsets));
    }
    List<EditOutcome> told = pending.stream().map(Answered::outcome).toList();
    if (publisher.publish(told, commits, consumer.groupMetadata())) {
      pending.forEach(answer -> answer.ledger().complete(answer.offset()));
      pending.clear();
    }
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
    try {
      consumer
          .committed(Set.copyOf(partitions))
          .forEach(
              (partition, committed) -> {
                if (committed != null) {
                  earlierAttempts.put(partition, Attempts.parse(committed.metadata()));
                }
              });
    } catch (TimeoutException e) {
      LOG.warn("earlier attempts of {} are not known: {}", partitions, e.getMessage());
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    publish();
    handOver(partitions);
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
