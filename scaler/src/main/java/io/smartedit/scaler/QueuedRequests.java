package io.smartedit.scaler;

import io.smartedit.events.Topics;
import io.smartedit.service.WorkerGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Counts requests that have no outcome yet: what the workers' group is not done with. Used by one
 * thread.
 */
final class QueuedRequests {

  /** Ends of transactions take offsets too; no more of them follow one another. */
  private static final long FEW = 16;

  private static final Duration LOOK = Duration.ofMillis(500);

  private final WorkerGroup group;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Rest> looked = new HashMap<>();

  /** What lay behind a committed offset when it was last looked at. */
  private record Rest(long committed, long end, boolean isEmpty) {}

  /**
   * @param consumer in no group, of what is committed, a record a poll; used to look whether
   *     anything but ends of transactions lies behind a committed offset
   */
  QueuedRequests(WorkerGroup group, Consumer<byte[], byte[]> consumer) {
    this.group = group;
    this.consumer = consumer;
  }

  /**
   * By model; those that name none under {@link Backlog#ANY}.
   *
   * @throws KafkaException if the broker does not answer
   */
  Map<String, Long> count() throws InterruptedException {
    List<WorkerGroup.Queue> queues = group.queues(group.topics());
    looked.keySet().retainAll(queues.stream().map(WorkerGroup.Queue::partition).toList());
    Map<String, Long> counts = new HashMap<>();
    for (WorkerGroup.Queue queue : queues) {
      boolean isEmpty = isEmpty(queue.partition(), queue.begin(), queue.end());
      counts.merge(
          Topics.modelOf(queue.partition().topic()), isEmpty ? 0 : queue.queued(), Long::sum);
    }
    return counts;
  }

  /** Whether nothing lies between two offsets but ends of transactions, which end no edit. */
  private boolean isEmpty(TopicPartition partition, long begin, long end) {
    if (end <= begin) {
      return true;
    }
    if (end - begin > FEW) {
      return false;
    }
    Rest known = looked.get(partition);
    if (known == null || known.committed() != begin || known.end() != end) {
      consumer.assign(Set.of(partition));
      consumer.seek(partition, begin);
      boolean isEmpty = consumer.poll(LOOK).isEmpty();
      if (isEmpty && consumer.position(partition) < end) {
        return false; // not seen yet
      }
      known = new Rest(begin, end, isEmpty);
      looked.put(partition, known);
    }
    return known.isEmpty();
  }
}
