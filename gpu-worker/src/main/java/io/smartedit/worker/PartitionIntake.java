package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.worker.OutcomePublisher.Result;
import io.smartedit.worker.RequestTaker.Taking;
import io.smartedit.worker.fair.ReadAhead;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
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

  private final List<String> topics;
  private final Consumer<String, byte[]> consumer;
  private final OutcomePublisher publisher;
  private final Partitions partitions;
  private final PatientPoll polling;
  private final Lifecycle lifecycle;
  private final Duration handOver;
  private final Clock clock;
  private final Ticker ticker;
  private final PartitionReader reader;
  private @Nullable Inside inside;
  private volatile int waiting;

  /**
   * The intake owns both clients.
   *
   * @param topics whose requests are taken
   * @param handOver how long edits in the device may hold up a partition's move
   * @param rules whose request is next
   */
  PartitionIntake(
      List<String> topics,
      Consumer<String, byte[]> consumer,
      OutcomePublisher publisher,
      Duration handOver,
      Fairness rules,
      Patience patience) {
    this.topics = List.copyOf(topics);
    this.consumer = consumer;
    this.publisher = publisher;
    this.handOver = handOver;
    ReadAhead<TakenRequest> ahead = new ReadAhead<>(rules.shares(), rules.readAhead());
    partitions = new Partitions(consumer, ledger -> ahead.forget(ledger.reading()));
    polling = patience.polling();
    lifecycle = patience.lifecycle();
    clock = patience.clock();
    ticker = patience.ticker();
    reader = new PartitionReader(consumer, partitions, ahead, rules.cost(), ticker);
  }

  @Override
  public boolean isReady() {
    return publisher.isReady();
  }

  @Override
  public void open(Inside given) {
    inside = given;
    consumer.subscribe(
        topics, new PartitionHandOver(partitions, given, handOver, ticker, lifecycle::isDead));
  }

  @Override
  public void take(int room) {
    if (inside == null) {
      throw new IllegalStateException("the intake is not open");
    }
    partitions.openLedgers();
    choose();
    reader.goBack();
    ConsumerRecords<String, byte[]> records =
        polling.orElse(() -> consumer.poll(isBusy() ? BUSY : IDLE), ConsumerRecords.empty());
    reader.read(records, inside.taker(), inside.leaving(), this::taking);
    reader.takeNext(room, inside.jobs()::isUnderWay, inside.taker(), this::taking);
    waiting = reader.waiting();
  }

  private boolean isBusy() {
    return openCount() > 0 || waiting > 0;
  }

  /** Everything is read that can be, however much is under way: what is read waits for its turn. */
  private void choose() {
    Set<TopicPartition> rest = reader.resting();
    Set<TopicPartition> pause = new HashSet<>();
    Set<TopicPartition> resume = new HashSet<>();
    for (TopicPartition partition : consumer.assignment()) {
      boolean may = partitions.ledger(partition) != null && !rest.contains(partition);
      (may ? resume : pause).add(partition);
    }
    consumer.pause(pause);
    consumer.resume(resume);
  }

  private Taking taking(PartitionReceipt receipt) {
    Attempts attempts = receipt.ledger().take(receipt.offset());
    boolean poison = PoisonRule.isDoubtful(attempts) && isPoison(attempts);
    return new Taking(receipt, attempts, poison, Duration.ZERO);
  }

  private boolean isPoison(Attempts attempts) {
    try {
      return PoisonRule.isPoison(attempts, partitions.groupNotes(topics), clock.instant());
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
    List<ProducerRecord<String, SpecificRecord>> spoken =
        answers.stream().map(Answer::record).toList();
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
  public int waitingCount() {
    return waiting;
  }

  @Override
  public double groupLag() {
    return Double.NaN;
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
