package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.RegistryException;
import io.smartedit.events.Topics;
import io.smartedit.worker.OutcomePublisher.Result;
import io.smartedit.worker.RequestTaker.Taking;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes whole partitions, as a member of a consumer group: each is one worker's, in its order.
 * Outcomes are published in one transaction with the offsets they free; attempts are noted beside
 * these offsets.
 */
final class PartitionIntake implements Intake {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionIntake.class);
  private static final Duration IDLE = Duration.ofMillis(50);
  private static final Duration BUSY = Duration.ofMillis(5);
  private static final Duration LEAVING = Duration.ofSeconds(5);

  private final Consumer<String, byte[]> consumer;
  private final OutcomePublisher publisher;
  private final Partitions partitions;
  private final PatientPoll polling;
  private final Lifecycle lifecycle;
  private final Duration handOver;
  private final Clock clock;
  private final Ticker ticker;
  private final Map<TopicPartition, Resting> resting = new HashMap<>();
  private @Nullable Inside inside;
  private boolean quiet = true;

  /** A partition whose next record could not be read: how often not, and when it is tried again. */
  private record Resting(int tries, long until) {}

  /** Whether the worker lives, how it waits, and its time. */
  record Services(Lifecycle lifecycle, PatientPoll polling, Clock clock, Ticker ticker) {}

  /**
   * The intake owns both clients.
   *
   * @param handOver how long edits in the device may hold up a partition's move
   */
  PartitionIntake(
      Consumer<String, byte[]> consumer,
      OutcomePublisher publisher,
      Duration handOver,
      Services services) {
    this.consumer = consumer;
    this.publisher = publisher;
    this.handOver = handOver;
    partitions = new Partitions(consumer);
    polling = services.polling();
    lifecycle = services.lifecycle();
    clock = services.clock();
    ticker = services.ticker();
  }

  @Override
  public boolean isReady() {
    return publisher.isReady();
  }

  @Override
  public void open(Inside given) {
    inside = given;
    consumer.subscribe(
        Topics.OF_REQUESTS,
        new PartitionHandOver(partitions, given, handOver, ticker, lifecycle::isDead));
  }

  @Override
  public void take(boolean room) {
    if (inside == null) {
      throw new IllegalStateException("the intake is not open");
    }
    partitions.openLedgers();
    choose(room, inside.jobs().waiting());
    ConsumerRecords<String, byte[]> records =
        polling.orElse(() -> consumer.poll(openCount() > 0 ? BUSY : IDLE), ConsumerRecords.empty());
    quiet = records.partitions().stream().allMatch(PartitionIntake::isBulk);
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!take(partition, record, inside.taker())) {
          consumer.seek(partition, record.offset());
          break;
        }
      }
    }
  }

  /** Everything while there is room; bulk requests only while no others wait or are under way. */
  private void choose(boolean room, int waiting) {
    int others = partitions.openCount() - partitions.openCount(Topics.BULK) - waiting;
    boolean bulk = room && quiet && others <= 0;
    Set<TopicPartition> rest = resting();
    Set<TopicPartition> pause = new HashSet<>();
    Set<TopicPartition> resume = new HashSet<>();
    for (TopicPartition partition : consumer.assignment()) {
      boolean wanted = isBulk(partition) ? bulk : room;
      boolean may = partitions.ledger(partition) != null && !rest.contains(partition);
      (wanted && may ? resume : pause).add(partition);
    }
    consumer.pause(pause);
    consumer.resume(resume);
  }

  private static boolean isBulk(TopicPartition partition) {
    return partition.topic().equals(Topics.BULK);
  }

  private Set<TopicPartition> resting() {
    long now = ticker.read();
    return resting.entrySet().stream()
        .filter(entry -> entry.getValue().until() - now > 0)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** False where the record must be polled again. */
  private boolean take(
      TopicPartition partition, ConsumerRecord<String, byte[]> record, RequestTaker taker) {
    OffsetLedger ledger = partitions.ledger(partition);
    if (ledger == null) {
      return false;
    }
    if (!ledger.isNew(record.offset())) {
      LOG.warn("{}-{} was read again and is passed over", partition, record.offset());
      return true;
    }
    Optional<RegistryException> notNow = taker.take(record, () -> taking(record, ledger));
    if (notNow.isPresent()) {
      Resting before = resting.get(partition);
      int tries = before == null ? 1 : before.tries() + 1;
      Duration pause = taker.pause(notNow.get(), tries, partition);
      resting.put(partition, new Resting(tries, ticker.read() + pause.toNanos()));
      return false;
    }
    resting.remove(partition);
    return true;
  }

  private Taking taking(ConsumerRecord<String, byte[]> record, OffsetLedger ledger) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    Attempts attempts = ledger.take(record.offset());
    boolean poison = PoisonRule.isDoubtful(attempts) && isPoison(attempts);
    return new Taking(new PartitionReceipt(partition, record.offset(), ledger), attempts, poison);
  }

  private boolean isPoison(Attempts attempts) {
    try {
      return PoisonRule.isPoison(
          attempts, partitions.groupNotes(Topics.OF_REQUESTS), clock.instant());
    } catch (KafkaException e) {
      LOG.warn("whether a storm is on is not known: {}", e.getMessage());
      return false; // in doubt it runs once more
    }
  }

  @Override
  public boolean note(Collection<Receipt> receipts) {
    return partitions.noteAttempts(
        receipts.stream().map(Receipt::partition).collect(Collectors.toSet()));
  }

  @Override
  public void cameToItsEnd(Receipt suspect) {
    ((PartitionReceipt) suspect).ledger().sawOutsideDeath(clock.instant());
  }

  @Override
  public Result settle(List<Answer> answers) {
    Map<OffsetLedger, Set<Long>> done = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    for (Answer one : answers) {
      PartitionReceipt receipt = (PartitionReceipt) one.receipt();
      Set<Long> offsets = done.computeIfAbsent(receipt.ledger(), key -> new HashSet<>());
      offsets.add(receipt.offset());
      commits.put(receipt.partition(), receipt.ledger().commitAfter(offsets));
    }
    List<SpecificRecord> spoken = answers.stream().map(Answer::event).toList();
    Result result = publisher.publish(spoken, commits, consumer.groupMetadata());
    if (result == Result.PUBLISHED) {
      for (Answer one : answers) {
        ((PartitionReceipt) one.receipt()).ledger().complete(one.receipt().offset());
      }
    }
    return result;
  }

  @Override
  public int openCount() {
    return partitions.openCount();
  }

  @Override
  public void handBack() {
    partitions.handOver(partitions.all());
  }

  @Override
  public void close() {
    partitions.forget(partitions.all());
    publisher.close();
    consumer.close(
        CloseOptions.timeout(LEAVING)
            .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
  }
}
