package io.smartedit.service;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.smartedit.events.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the group of all workers has come on the topics of requests: what it has committed, which
 * is only what has ended; where workers read through share groups, what those have not
 * acknowledged. Whether a worker lives does not matter. Used by one thread.
 *
 * <p>Every question throws a {@link KafkaException} if the broker does not answer.
 */
public final class WorkerGroup {

  /** The group's name, as a setting. */
  public static final Setting<String> NAME =
      Setting.text("worker.group", "Consumer group of all workers.", "gpu-workers");

  private static final Logger LOG = LoggerFactory.getLogger(WorkerGroup.class);

  private final Admin admin;
  private final String name;

  /** The client stays the caller's. */
  public WorkerGroup(Admin admin, String name) {
    this.admin = admin;
    this.name = name;
  }

  /**
   * A partition of a topic of requests.
   *
   * @param begin the first offset that is not done with
   * @param end the offset that the next record will have
   * @param queued records in between that are not done with, ends of transactions included
   */
  public record Queue(TopicPartition partition, long begin, long end, long queued) {}

  /** The share group by which workers of a group read a topic; each has one of its own. */
  public static String ofShares(String group, String topic) {
    return group + "-" + topic;
  }

  /** The topics of requests that there are, models' own included. */
  public Set<String> topics() throws InterruptedException {
    return answer(admin.listTopics().names()::get).stream()
        .filter(topic -> Topics.OF_REQUESTS.contains(Topics.withoutModel(topic)))
        .collect(toSet());
  }

  /**
   * All partitions of some topics.
   *
   * @param topics that there are
   */
  public List<Queue> queues(Set<String> topics) throws InterruptedException {
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
    List<Queue> queues = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      long begin = begins.getOrDefault(partition, 0L);
      long end = ends.getOrDefault(partition, begin);
      long queued = end - begin;
      SharePartitionOffsetInfo share = shared.get(partition);
      if (share != null) { // the one of the two that workers no longer use stays behind
        begin = Math.max(begin, share.startOffset());
        queued = Math.min(queued, share.lag().orElse(queued));
      }
      queues.add(new Queue(partition, begin, end, queued));
    }
    return queues;
  }

  /** Where the group goes on: what it has committed, else the first record that there is. */
  private Map<TopicPartition, Long> begins(Set<TopicPartition> partitions)
      throws InterruptedException {
    Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, OffsetAndMetadata> committed =
        answer(admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata()::get);
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
      String group = ofShares(name, topic);
      try {
        answer(
                admin
                        .listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                        .partitionsToOffsetInfo(group)
                    ::get)
            .forEach(
                (partition, info) -> {
                  if (info != null) {
                    shared.put(partition, info);
                  }
                });
      } catch (GroupIdNotFoundException | UnsupportedVersionException e) {
        LOG.debug("{} is no share group: {}", group, e.getMessage());
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
