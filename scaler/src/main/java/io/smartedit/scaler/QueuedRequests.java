package io.smartedit.scaler;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts requests that have no outcome yet: from what the workers' group has committed, which is
 * only what has ended, to the ends of the topics; where workers read through share groups, what
 * those have not acknowledged. Used by one thread.
 */
final class QueuedRequests {

  private static final Logger LOG = LoggerFactory.getLogger(QueuedRequests.class);

  /** Ends of transactions take offsets too; no more of them follow one another. */
  private static final long FEW = 16;

  private static final Duration LOOK = Duration.ofMillis(500);

  private final Admin admin;
  private final Consumer<byte[], byte[]> consumer;
  private final String group;
  private final Map<TopicPartition, Rest> looked = new HashMap<>();

  /** What lay behind a committed offset when it was last looked at. */
  private record Rest(long committed, long end, boolean isEmpty) {}

  /**
   * @param consumer in no group, of what is committed, a record a poll; used to look whether
   *     anything but ends of transactions lies behind a committed offset
   */
  QueuedRequests(Admin admin, Consumer<byte[], byte[]> consumer, String group) {
    this.admin = admin;
    this.consumer = consumer;
    this.group = group;
  }

  /**
   * By model; those that name none under {@link Backlog#ANY}.
   *
   * @throws KafkaException if the broker does not answer
   */
  Map<String, Long> count() throws InterruptedException {
    Set<String> topics =
        answer(admin.listTopics().names()::get).stream()
            .filter(topic -> Topics.OF_REQUESTS.contains(Topics.withoutModel(topic)))
            .collect(toSet());
    Set<TopicPartition> partitions =
        answer(admin.describeTopics(topics).allTopicNames()::get).values().stream()
            .flatMap(
                topic ->
                    topic.partitions().stream()
                        .map(each -> new TopicPartition(topic.name(), each.partition())))
            .collect(toSet());
    Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
    Map<TopicPartition, Long> begins = begins(partitions);
    Map<TopicPartition, SharePartitionOffsetInfo> shared = shared(topics);
    looked.keySet().retainAll(partitions);
    Map<String, Long> counts = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long begin = begins.getOrDefault(partition, 0L);
      long end = ends.getOrDefault(partition, begin);
      long queued = end - begin;
      SharePartitionOffsetInfo share = shared.get(partition);
      if (share != null) { // the one of the two that workers no longer use stays behind
        begin = Math.max(begin, share.startOffset());
        queued = Math.min(queued, share.lag().orElse(queued));
      }
      counts.merge(
          model(partition.topic()), isEmpty(partition, begin, end) ? 0 : queued, Long::sum);
    }
    return counts;
  }

  private static String model(String topic) {
    String plain = Topics.withoutModel(topic);
    return plain.equals(topic) ? Backlog.ANY : topic.substring(Topics.ofModel(plain, "").length());
  }

  /** Where the group goes on: what it has committed, else the first record that there is. */
  private Map<TopicPartition, Long> begins(Set<TopicPartition> partitions)
      throws InterruptedException {
    Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, OffsetAndMetadata> committed =
        answer(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()::get);
    committed.forEach(
        (partition, offset) -> {
          if (offset != null) {
            begins.computeIfPresent(partition, (key, first) -> Math.max(first, offset.offset()));
          }
        });
    return begins;
  }

  /** Where share groups are, of which each topic has one; nothing where there are none. */
  private Map<TopicPartition, SharePartitionOffsetInfo> shared(Set<String> topics)
      throws InterruptedException {
    Map<TopicPartition, SharePartitionOffsetInfo> shared = new HashMap<>();
    for (String topic : topics) {
      String name = group + "-" + topic;
      try {
        answer(
                admin
                        .listShareGroupOffsets(Map.of(name, new ListShareGroupOffsetsSpec()))
                        .partitionsToOffsetInfo(name)
                    ::get)
            .forEach(
                (partition, info) -> {
                  if (info != null) {
                    shared.put(partition, info);
                  }
                });
      } catch (GroupIdNotFoundException | UnsupportedVersionException e) {
        LOG.debug("{} is no share group: {}", name, e.getMessage());
      }
    }
    return shared;
  }

  private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted =
        partitions.stream().collect(toMap(Function.identity(), partition -> spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    answer(admin.listOffsets(wanted).all()::get)
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
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

  private interface Answer<T> {
    T get() throws InterruptedException, ExecutionException;
  }

  /** What the broker says; the client's own limit of time holds. */
  private static <T> T answer(Answer<T> asked) throws InterruptedException {
    try {
      return asked.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e);
    }
  }
}
