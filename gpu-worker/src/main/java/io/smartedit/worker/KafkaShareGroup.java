package io.smartedit.worker;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The share groups of all workers, one a topic, by the admin client. A new one begins where the
 * workers' consumer group had come to, if there was one, and else with the oldest request.
 */
final class KafkaShareGroup implements ShareGroup {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaShareGroup.class);
  private static final String RESET = "share.auto.offset.reset";
  private static final String ISOLATION = "share.isolation.level";
  private static final String RENEWAL = "share.renew.acknowledge.enable";
  private static final String DELIVERIES = "share.delivery.count.limit";
  private static final int MOST_DELIVERIES = 10; // brokers allow no more where nobody raises it
  private static final int FEWEST_DELIVERIES = 4;
  private static final int DEFAULT_DELIVERIES = 5;
  private static final int MOST_REFUSALS = 60;
  private static final long PAUSE_MILLIS = 250;

  /** What the group must say, whatever the broker's defaults are. */
  private static final Map<String, String> NEEDED =
      Map.of(RESET, "earliest", ISOLATION, "read_committed", RENEWAL, "true");

  private final Admin admin;
  private final String consumerGroup;
  private final Map<String, String> groups;
  private int deliveries = MOST_DELIVERIES;
  private Map<String, KafkaFuture<Map<TopicPartition, SharePartitionOffsetInfo>>> asked = Map.of();
  private double lag = Double.NaN;
  private KafkaFuture<Map<String, TopicDescription>> described =
      KafkaFuture.completedFuture(Map.of());
  private Set<String> dealtOut = Set.of();
  private int refusals;

  /**
   * The group owns the client.
   *
   * @param consumerGroup of workers that take partitions
   * @param groups the topic of each share group
   */
  KafkaShareGroup(Admin admin, String consumerGroup, Map<String, String> groups) {
    this.admin = admin;
    this.consumerGroup = consumerGroup;
    this.groups = Map.copyOf(groups);
  }

  @Override
  public boolean prepare() {
    try {
      deliveries = MOST_DELIVERIES;
      for (String group : groups.keySet()) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        NEEDED.forEach((name, value) -> set(resource, name, value));
        set(resource, DELIVERIES, Integer.toString(MOST_DELIVERIES));
        int most = verified(resource);
        if (most == 0) {
          Thread.sleep(PAUSE_MILLIS);
          return false;
        }
        deliveries = Math.min(deliveries, most);
        begin(group);
      }
      described = describe();
      Map<String, TopicDescription> known = described.get();
      LOG.debug("share groups read {}", known);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        LOG.warn("share groups wait: {}", why(e));
        return false;
      }
      throw new IllegalStateException(
          "worker.intake is share, which needs share groups (Kafka 4.2 or newer): " + why(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String why(ExecutionException e) {
    Throwable cause = e.getCause();
    return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
  }

  /** Who may not is not refused for that: {@link #verified} looks at what there is. */
  private void set(ConfigResource resource, String name, String value) {
    try {
      AlterConfigOp change =
          new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
    } catch (ExecutionException e) {
      LOG.info("{} of group {} stays as it is: {}", name, resource.name(), why(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How often a record of the group is delivered at most; 0 where that is not settled yet. */
  private int verified(ConfigResource resource) throws ExecutionException, InterruptedException {
    Config config =
        requireNonNull(admin.describeConfigs(Set.of(resource)).all().get().get(resource));
    List<String> wrong = new ArrayList<>();
    NEEDED.forEach(
        (name, needed) -> {
          ConfigEntry entry = config.get(name);
          if (entry != null && !needed.equalsIgnoreCase(entry.value())) {
            wrong.add(name + "=" + entry.value() + ", must be " + needed);
          }
        });
    ConfigEntry limit = config.get(DELIVERIES);
    int most = limit == null ? DEFAULT_DELIVERIES : Integer.parseInt(limit.value());
    if (most < FEWEST_DELIVERIES) {
      wrong.add(DELIVERIES + "=" + most + ", must be at least " + FEWEST_DELIVERIES);
    }
    if (!wrong.isEmpty() && refusals++ < MOST_REFUSALS) {
      LOG.info("group {} has {} still", resource.name(), String.join("; ", wrong));
      return 0; // what was set is known to every broker some time later
    }
    if (!wrong.isEmpty()) {
      throw new IllegalStateException(
          "share group %s has %s; set it with kafka-configs.sh --alter --entity-type groups"
              .formatted(resource.name(), String.join("; ", wrong)));
    }
    return most;
  }

  /** Where nobody has read as a share group yet, what is answered already is not read again. */
  private void begin(String group) throws ExecutionException, InterruptedException {
    Map<TopicPartition, Long> answered = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(consumerGroup).partitionsToOffsetAndMetadata().get();
    committed.forEach(
        (partition, offset) -> {
          if (offset != null && partition.topic().equals(groups.get(group))) {
            answered.put(partition, offset.offset());
          }
        });
    answered.keySet().removeAll(begun(group));
    if (answered.isEmpty()) {
      return;
    }
    try {
      admin.alterShareGroupOffsets(group, answered).all().get();
      LOG.info("share group {} begins where {} had come to", group, consumerGroup);
    } catch (ExecutionException e) { // another worker was faster, and reads already
      LOG.info("where {} begins stays as it is: {}", group, why(e));
    }
  }

  private Set<TopicPartition> begun(String group) throws InterruptedException {
    try {
      return offsets(group).get().entrySet().stream()
          .filter(entry -> entry.getValue() != null)
          .map(Map.Entry::getKey)
          .collect(Collectors.toSet());
    } catch (ExecutionException e) {
      LOG.debug("share group {} is new", group, e);
      return Set.of();
    }
  }

  private KafkaFuture<Map<TopicPartition, SharePartitionOffsetInfo>> offsets(String group) {
    return admin
        .listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
        .partitionsToOffsetInfo(group);
  }

  @Override
  public int resendAt() {
    return Math.max(FEWEST_DELIVERIES - 1, deliveries / 2 + 1);
  }

  @Override
  public Set<String> dealtOut() {
    if (described.isDone()) {
      try {
        dealtOut =
            described.getNow(Map.of()).values().stream()
                .filter(topic -> topic.partitions().size() > 1)
                .map(TopicDescription::name)
                .collect(Collectors.toUnmodifiableSet());
      } catch (ExecutionException | CompletionException e) {
        LOG.debug("topics are as they were, as far as is known", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      described = describe();
    }
    return dealtOut;
  }

  private KafkaFuture<Map<String, TopicDescription>> describe() {
    return admin.describeTopics(groups.values()).allTopicNames();
  }

  /** As it was when it was last asked for, which is answered meanwhile. */
  @Override
  public synchronized double lag() {
    if (asked.values().stream().allMatch(KafkaFuture::isDone)) {
      lag = asked.isEmpty() ? Double.NaN : asked.values().stream().mapToDouble(this::sum).sum();
      asked = groups.keySet().stream().collect(Collectors.toMap(group -> group, this::offsets));
    }
    return lag;
  }

  private double sum(KafkaFuture<Map<TopicPartition, SharePartitionOffsetInfo>> answer) {
    try {
      return answer.getNow(Map.of()).values().stream()
          .filter(Objects::nonNull)
          .mapToDouble(offsets -> offsets.lag().orElse(0L))
          .sum();
    } catch (ExecutionException | CompletionException e) {
      LOG.debug("the lag of a share group is not known", e);
      return Double.NaN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Double.NaN;
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
