package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the consumer: polls records while there is room, and between polls turns
 * everything that is waited for. It never waits for an edit.
 */
final class ConsumerLoop {

  private static final Logger LOG = LoggerFactory.getLogger(ConsumerLoop.class);
  private static final Duration IDLE = Duration.ofMillis(50);
  private static final Duration BUSY = Duration.ofMillis(5);
  private static final Duration LEAVING = Duration.ofSeconds(5);
  private static final long SWEEP_NANOS = Duration.ofMillis(50).toNanos();
  private static final String HELD = "reading requests";

  private final Consumer<String, byte[]> consumer;
  private final OutcomePublisher publisher;
  private final Rooms rooms;
  private final Lifecycle lifecycle;
  private final int maxInFlight;
  private final Ticker ticker;
  private long swept;
  private boolean quiet = true;
  private int failedPolls;

  /** What the loop turns. */
  record Rooms(
      Partitions partitions,
      RequestTaker taker,
      java.util.function.Consumer<Job> pipeline,
      OpenJobs jobs,
      DependentRequests dependents,
      Admission admission,
      Delays delays,
      Outbox outbox,
      Holds holds,
      RetryPolicy retries) {}

  /** The loop owns its consumer and its publisher. */
  ConsumerLoop(
      Consumer<String, byte[]> consumer,
      OutcomePublisher publisher,
      Rooms rooms,
      Lifecycle lifecycle,
      int maxInFlight,
      Ticker ticker) {
    this.consumer = consumer;
    this.publisher = publisher;
    this.rooms = rooms;
    this.lifecycle = lifecycle;
    this.maxInFlight = maxInFlight;
    this.ticker = ticker;
    swept = ticker.read();
  }

  /**
   * Runs until told to stop, then finishes what is in the device, for at most {@code drain}, and
   * leaves the group, so that others go on at once.
   */
  void run(Duration handOver, Duration drain) {
    try {
      while (!publisher.isReady() && !lifecycle.isStopping()) {
        LOG.info("the worker waits for the broker");
      }
      PartitionHandOver listener =
          new PartitionHandOver(
              rooms.partitions(),
              rooms.jobs(),
              rooms.outbox(),
              handOver,
              ticker,
              this::tend,
              lifecycle::isDead);
      consumer.subscribe(Topics.OF_REQUESTS, listener);
      while (!lifecycle.isStopping()) {
        turn(true);
      }
      drain(drain);
    } finally {
      rooms.jobs().leaveAll(rooms.partitions().all());
      rooms.partitions().forget(rooms.partitions().all());
      publisher.close();
      consumer.close(
          CloseOptions.timeout(LEAVING)
              .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    }
  }

  private void drain(Duration limit) {
    Set<TopicPartition> all = rooms.partitions().all();
    rooms.jobs().leaveUnbegun(all);
    rooms.delays().runAll();
    long end = ticker.read() + limit.toNanos();
    while (rooms.jobs().anyBegun(all) && ticker.read() - end < 0) {
      turn(false);
      rooms.delays().runAll(); // nothing is asked again: another worker does
    }
    rooms.outbox().flush();
    if (!lifecycle.isDead()) { // else what was in the device was an attempt that failed
      rooms.partitions().handOver(rooms.partitions().all());
    }
  }

  private void turn(boolean taking) {
    rooms.partitions().openLedgers();
    choose(taking && hasRoom());
    ConsumerRecords<String, byte[]> records = poll();
    quiet = records.partitions().stream().allMatch(ConsumerLoop::isBulk);
    rooms
        .taker()
        .take(
            records,
            job -> {
              if (rooms.jobs().add(job)) {
                rooms.pipeline().accept(job);
              }
            });
    tend();
  }

  /** Everything but polling; also done while a partition's last edits are waited for. */
  private void tend() {
    rooms.delays().runDue();
    if (ticker.read() - swept >= SWEEP_NANOS) { // there may be thousands that wait
      swept = ticker.read();
      rooms.dependents().due().forEach(rooms.pipeline());
      rooms.jobs().sweep();
    }
    if (!lifecycle.isDead()) {
      rooms.admission().turn();
    }
    rooms.outbox().turn();
  }

  private boolean hasRoom() {
    return rooms.partitions().openCount() - rooms.jobs().waiting() < maxInFlight
        && !rooms.dependents().isFull()
        && rooms.holds().reason().isEmpty();
  }

  /** Everything while there is room; bulk requests only while no others wait or are under way. */
  private void choose(boolean room) {
    int others =
        rooms.partitions().openCount()
            - rooms.partitions().openCount(Topics.BULK)
            - rooms.jobs().waiting();
    boolean bulk = room && quiet && others <= 0;
    Set<TopicPartition> resting = rooms.taker().resting();
    Set<TopicPartition> pause = new HashSet<>();
    Set<TopicPartition> resume = new HashSet<>();
    for (TopicPartition partition : consumer.assignment()) {
      boolean wanted = isBulk(partition) ? bulk : room;
      boolean may = rooms.partitions().ledger(partition) != null && !resting.contains(partition);
      (wanted && may ? resume : pause).add(partition);
    }
    consumer.pause(pause);
    consumer.resume(resume);
  }

  private static boolean isBulk(TopicPartition partition) {
    return partition.topic().equals(Topics.BULK);
  }

  /** What the broker cannot give now is polled again; the worker lives. */
  private ConsumerRecords<String, byte[]> poll() {
    try {
      ConsumerRecords<String, byte[]> records =
          consumer.poll(rooms.partitions().openCount() > 0 ? BUSY : IDLE);
      if (failedPolls > 0) {
        failedPolls = 0;
        rooms.holds().clear(HELD);
      }
      return records;
    } catch (FencedInstanceIdException e) {
      throw e; // another worker has this one's id
    } catch (KafkaException e) {
      failedPolls++;
      Duration pause = rooms.retries().afterOutage(failedPolls);
      if (e instanceof AuthorizationException || e instanceof AuthenticationException) {
        rooms.holds().report(HELD, String.valueOf(e.getMessage()), pause);
      } else {
        LOG.warn("nothing could be polled: {}", e.getMessage());
      }
      lifecycle.rest(pause);
      return ConsumerRecords.empty();
    }
  }
}
