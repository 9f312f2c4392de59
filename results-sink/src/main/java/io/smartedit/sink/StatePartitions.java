package io.smartedit.sink;

import io.smartedit.service.SettingsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription.Processor;
import org.apache.kafka.streams.TopologyDescription.Source;
import org.apache.kafka.streams.TopologyDescription.Subtopology;

/*
 * Kafka Streams files what it knows by the partition that a record came from. Topics that meet in one
 * state must therefore be of equal partitions, which it checks for joins and not for processors that
 * share a store; and a topic that grows leaves behind, in another partition's state, what was
 * answered: the same request would be answered again.
 */
/**
 * Which topics the sink's state is kept by, and whether they have the partitions it is built for.
 */
final class StatePartitions {

  private StatePartitions() {}

  /** Topics that meet in a state, among them the sink's own. */
  static Set<String> topics(Topology topology, String applicationId) {
    Set<String> topics = new TreeSet<>();
    for (Subtopology part : topology.describe().subtopologies()) {
      Set<String> stores = new TreeSet<>();
      Set<String> sources = new TreeSet<>();
      part.nodes()
          .forEach(
              node -> {
                if (node instanceof Processor processor) {
                  stores.addAll(processor.stores());
                }
                if (node instanceof Source source && source.topicSet() != null) {
                  sources.addAll(source.topicSet());
                }
              });
      if (!stores.isEmpty()) {
        stores.forEach(store -> topics.add(applicationId + "-" + store + "-changelog"));
        sources.forEach(
            topic ->
                topics.add(topic.endsWith("-repartition") ? applicationId + "-" + topic : topic));
      }
    }
    return topics;
  }

  /**
   * Passes where every topic has what is wanted.
   *
   * @param existing partitions by topic
   * @throws SettingsException naming every topic that has others
   */
  static void check(int wanted, Map<String, Integer> existing) {
    List<String> problems = new ArrayList<>();
    for (String topic : new TreeSet<>(existing.keySet())) {
      int has = existing.getOrDefault(topic, wanted);
      if (has != wanted) {
        problems.add(
            "%s has %d partitions and kafka.result-partitions is %d".formatted(topic, has, wanted));
      }
    }
    if (problems.isEmpty()) {
      return;
    }
    List<Integer> counts = existing.values().stream().distinct().toList();
    problems.add(
        counts.size() == 1
            ? "the sink keeps the partitions it began with: set kafka.result-partitions="
                + counts.get(0)
            : "these topics must all have the same and cannot be grown: docs/operations.md says what"
                + " to do where one was");
    throw new SettingsException(problems);
  }
}
