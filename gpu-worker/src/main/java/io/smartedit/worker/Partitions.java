package io.smartedit.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that this worker holds, each with its {@link OffsetLedger}, and what is committed
 * of them without outcomes. Used by the consumer's thread, but where said otherwise.
 */
final class Partitions {

  private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final Duration COMMIT = Duration.ofSeconds(5);

  private final Consumer<String, byte[]> consumer;
  private final Map<TopicPartition, OffsetLedger> ledgers = new ConcurrentHashMap<>(); // gauged

  /** Assigned, and not known yet what the last worker left; nothing is taken from them. */
  private final Set<TopicPartition> unread = new HashSet<>();

  private final java.util.function.Consumer<OffsetLedger> forgotten;

  /** {@code forgotten} is told of each ledger whose partition is somebody else's. */
  Partitions(
      Consumer<String, byte[]> consumer, java.util.function.Consumer<OffsetLedger> forgotten) {
    this.consumer = consumer;
    this.forgotten = forgotten;
  }

  void assigned(Collection<TopicPartition> partitions) {
    unread.addAll(partitions);
    consumer.pause(partitions);
  }

  /**
   * Opens the ledgers of new partitions. Not while they are assigned: where a dead worker left a
   * transaction open, the broker answers when that has timed out, and others must not wait for it.
   */
  void openLedgers() {
    for (TopicPartition partition : List.copyOf(unread)) {
      try {
        OffsetAndMetadata committed = consumer.committed(Set.of(partition), SHORT).get(partition);
        ledgers.put(partition, new OffsetLedger(parsed(committed)));
        unread.remove(partition);
      } catch (FencedInstanceIdException e) {
        throw e; // another worker has this one's id
      } catch (KafkaException e) {
        LOG.info("{} waits for its committed offset: {}", partition, e.getMessage());
        return;
      }
    }
  }

  private static CommitMetadata parsed(@Nullable OffsetAndMetadata committed) {
    return committed == null
        ? CommitMetadata.NONE
        : CommitMetadata.parse(committed.metadata(), committed.offset());
  }

  /** The ledger of a partition from which records may be taken. */
  @Nullable OffsetLedger ledger(TopicPartition partition) {
    return ledgers.get(partition);
  }

  Set<TopicPartition> all() {
    return Set.copyOf(ledgers.keySet());
  }

  /** Records taken and not done. From any thread. */
  int openCount() {
    return ledgers.values().stream().mapToInt(OffsetLedger::openCount).sum();
  }

  /** Commits what the ledgers note of attempts; whether that is on the broker. */
  boolean noteAttempts(Collection<TopicPartition> partitions) {
    return commit(partitions, ledger -> ledger.commitAfter(Set.of()));
  }

  /** Commits that somebody else finishes what is open: to have been here was no attempt. */
  void handOver(Collection<TopicPartition> partitions) {
    if (!commit(partitions, OffsetLedger::commitHandedOver)) {
      LOG.warn("what is left of {} is handed over without a note", partitions);
    }
  }

  private boolean commit(
      Collection<TopicPartition> partitions, Function<OffsetLedger, OffsetAndMetadata> commit) {
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetLedger ledger = ledgers.get(partition);
      if (ledger != null && ledger.isTouched()) {
        commits.put(partition, commit.apply(ledger));
      }
    }
    if (commits.isEmpty()) {
      return true;
    }
    try {
      consumer.commitSync(commits, COMMIT);
      return true;
    } catch (FencedInstanceIdException e) {
      throw e; // another worker has this one's id
    } catch (RebalanceInProgressException | CommitFailedException e) {
      LOG.debug("offsets are not committed in a rebalance", e);
      return false;
    } catch (KafkaException e) {
      LOG.warn("offsets are not committed now: {}", e.getMessage());
      return false;
    }
  }

  /** What stands beside the committed offsets of all partitions, whoever holds them. */
  Collection<CommitMetadata> groupNotes(Collection<String> topics) {
    Set<TopicPartition> partitions = new HashSet<>();
    for (String topic : topics) {
      for (PartitionInfo info : consumer.partitionsFor(topic, SHORT)) {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
    }
    List<CommitMetadata> notes = new ArrayList<>();
    consumer.committed(partitions, SHORT).values().forEach(each -> notes.add(parsed(each)));
    return notes;
  }

  /** The partitions are somebody else's. */
  void forget(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : List.copyOf(partitions)) {
      unread.remove(partition);
      OffsetLedger ledger = ledgers.remove(partition);
      if (ledger != null) {
        ledger.abandon();
        forgotten.accept(ledger);
      }
    }
  }
}
