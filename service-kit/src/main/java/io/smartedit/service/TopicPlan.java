package io.smartedit.service;

import io.smartedit.events.Topics;
import io.smartedit.events.Topics.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a cluster's topics lack of what the settings say.
 *
 * @param missing to be created
 * @param growing partitions that topics are to have, by topic
 * @param complaints what is otherwise than the settings say and stays so, with what to do
 */
record TopicPlan(List<Topic> missing, Map<String, Integer> growing, List<String> complaints) {

  /** These have one partition each, whatever is said. */
  private static final Set<String> OF_ONE =
      Set.of(
          Topics.CANCELLED,
          Topics.METRICS,
          Topics.WORKERS,
          Topics.ATTEMPTS,
          Topics.ALLOWANCES,
          Topics.PAUSES,
          Topics.WAITING);

  /**
   * A plan.
   *
   * @param topics that there are to be
   * @param existing partitions by topic
   */
  static TopicPlan of(List<Topic> topics, TopicSettings wanted, Map<String, Integer> existing) {
    List<Topic> missing = new ArrayList<>();
    Map<String, Integer> growing = new TreeMap<>();
    List<String> complaints = new ArrayList<>();
    for (Topic topic : topics) {
      Integer has = existing.get(topic.name());
      if (has == null) {
        missing.add(topic);
      } else if (Topics.OF_REQUESTS.contains(Topics.withoutModel(topic.name()))) {
        if (has < topic.partitions() && wanted.growsRequests()) {
          growing.put(topic.name(), topic.partitions());
        } else if (has < topic.partitions()) {
          complaints.add(tooFew(topic, has));
        }
      } else if (has != topic.partitions() && !OF_ONE.contains(topic.name())) {
        complaints.add(other(topic, has));
      }
    }
    return new TopicPlan(missing, growing, complaints);
  }

  private static String tooFew(Topic topic, int has) {
    return "%s has %d partitions and kafka.partitions is %d: at most %d workers work at once; start one service with kafka.grow-partitions=true to give it more"
        .formatted(topic.name(), has, topic.partitions(), has);
  }

  private static String other(Topic topic, int has) {
    return "%s has %d partitions and kafka.result-partitions is %d: it keeps what it has; set kafka.result-partitions=%d"
        .formatted(topic.name(), has, topic.partitions(), has);
  }
}
