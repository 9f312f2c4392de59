package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * What workers see of a broker: logs, committed offsets, and a group that Kafka's own assignor
 * divides.
 */
final class ModelBroker {

  /** Two rounds move a partition: it is given up, then given on. */
  private static final int ROUNDS = 3;

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final EventSerializer<EditRequested> serializer = new EventSerializer<>(registry);
  private final Map<TopicPartition, List<byte[]>> logs = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  private final Map<String, ModelConsumer> members = new TreeMap<>();
  private final Map<TopicPartition, ModelConsumer> owners = new HashMap<>();
  private final CooperativeStickyAssignor assignor = new CooperativeStickyAssignor();
  private final int partitions;

  ModelBroker(int partitions) {
    this.partitions = partitions;
    for (String topic : Topics.OF_REQUESTS) {
      for (int i = 0; i < partitions; i++) {
        logs.put(new TopicPartition(topic, i), new ArrayList<>());
      }
    }
  }

  SchemaRegistry registry() {
    return registry;
  }

  /** Puts a request where producers do, and wakes who reads there. */
  void send(EditRequested request) {
    String topic = Topics.of(request);
    byte[] key = Topics.key(request).getBytes(StandardCharsets.UTF_8);
    TopicPartition place =
        new TopicPartition(topic, BuiltInPartitioner.partitionForKey(key, partitions));
    log(place).add(serializer.serialize(topic, request));
    ModelConsumer owner = owners.get(place);
    if (owner != null) {
      owner.wake();
    }
  }

  List<byte[]> log(TopicPartition partition) {
    return logs.computeIfAbsent(partition, key -> new ArrayList<>());
  }

  Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> asked) {
    Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>();
    for (TopicPartition each : asked) {
      OffsetAndMetadata offset = committed.get(each);
      if (offset != null) {
        known.put(each, offset);
      }
    }
    return known;
  }

  void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    committed.putAll(offsets);
  }

  List<PartitionInfo> partitions(String topic) {
    return IntStream.range(0, partitions)
        .mapToObj(i -> new PartitionInfo(topic, i, Node.noNode(), new Node[0], new Node[0]))
        .toList();
  }

  void join(String name, ModelConsumer consumer) {
    members.put(name, consumer);
    divide();
  }

  void leave(String name) {
    members.remove(name);
    divide();
  }

  private void divide() {
    for (int round = 0; round < ROUNDS && !members.isEmpty(); round++) {
      Map<String, Subscription> group = new TreeMap<>();
      members.forEach((name, member) -> group.put(name, subscription(member)));
      assignor
          .assign(cluster(), new GroupSubscription(group))
          .groupAssignment()
          .forEach((name, part) -> give(name, part.partitions()));
    }
    owners.clear();
    members.values().forEach(member -> member.assignment().forEach(p -> owners.put(p, member)));
  }

  private void give(String name, Collection<TopicPartition> partitions) {
    ModelConsumer member = members.get(name);
    if (member != null && !member.assignment().equals(Set.copyOf(partitions))) {
      List<TopicPartition> sorted = new ArrayList<>(partitions);
      sorted.sort(ModelBroker::order);
      member.given(sorted);
    }
  }

  private static int order(TopicPartition one, TopicPartition other) {
    return one.toString().compareTo(other.toString());
  }

  private Subscription subscription(ModelConsumer member) {
    List<TopicPartition> owned = new ArrayList<>(member.assignment());
    owned.sort(ModelBroker::order);
    return new Subscription(Topics.OF_REQUESTS, null, owned);
  }

  private Cluster cluster() {
    List<PartitionInfo> all = new ArrayList<>();
    Topics.OF_REQUESTS.forEach(topic -> all.addAll(partitions(topic)));
    return new Cluster("model", List.of(), all, Set.of(), Set.of());
  }
}
