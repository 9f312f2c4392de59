package io.smartedit.service;

import io.smartedit.events.Topics;
import io.smartedit.events.Topics.Topic;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the topics that are missing, with the broker's own replication, and says which have other
 * partitions than the settings say.
 */
public final class TopicSetup {

  private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);

  /** How long a broker is asked before its absence is said, and it is asked again. */
  private static final int PATIENCE_MILLIS = 10_000;

  private TopicSetup() {}

  /**
   * Creates what is missing, and grows what is to be grown; all else stays as it is. Waits for a
   * broker that is away.
   *
   * @throws IllegalStateException if the broker refuses, or the thread is interrupted
   */
  public static void ensure(ClusterSettings cluster) {
    ensure(cluster.kafka(), cluster.topics());
  }

  /**
   * As the other.
   *
   * @param kafka settings of a Kafka client
   */
  public static void ensure(Map<String, Object> kafka, TopicSettings wanted) {
    ensure(kafka, wanted, Topics.all(wanted.partitions()));
  }

  /**
   * As the others, of these topics.
   *
   * @param topics with the partitions that are wanted
   */
  public static void ensure(Map<String, Object> kafka, TopicSettings wanted, List<Topic> topics) {
    asked(
        kafka,
        admin -> {
          bringAbout(admin, wanted, topics);
          return true;
        });
  }

  /**
   * Partitions of those of some topics that exist, by topic. Waits for a broker that is away.
   *
   * @throws IllegalStateException if the broker refuses, or the thread is interrupted
   */
  public static Map<String, Integer> partitions(Map<String, Object> kafka, Set<String> topics) {
    return asked(kafka, admin -> partitions(admin, topics));
  }

  /** What is asked of a broker. */
  @FunctionalInterface
  private interface Question<T> {
    T of(Admin admin) throws ExecutionException, InterruptedException;
  }

  private static <T> T asked(Map<String, Object> kafka, Question<T> question) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    settings.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    try (Admin admin = Admin.create(settings)) {
      while (true) {
        try {
          return question.of(admin);
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TimeoutException)) {
            throw new IllegalStateException("cannot set up the topics: " + e.getMessage(), e);
          }
          LOG.warn("the topics wait for a broker at {}", kafka.get("bootstrap.servers"));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while setting up the topics", e);
    }
  }

  private static void bringAbout(Admin admin, TopicSettings wanted, List<Topic> topics)
      throws ExecutionException, InterruptedException {
    Set<String> names = topics.stream().map(Topic::name).collect(Collectors.toSet());
    TopicPlan plan = TopicPlan.of(topics, wanted, partitions(admin, names));
    List<NewTopic> missing =
        plan.missing().stream()
            .map(
                topic ->
                    new NewTopic(topic.name(), Optional.of(topic.partitions()), Optional.empty())
                        .configs(topic.config()))
            .toList();
    for (KafkaFuture<Void> created : admin.createTopics(missing).values().values()) {
      done(created, TopicExistsException.class);
    }
    Map<String, NewPartitions> growing = new HashMap<>();
    plan.growing().forEach((topic, count) -> growing.put(topic, NewPartitions.increaseTo(count)));
    for (KafkaFuture<Void> grown : admin.createPartitions(growing).values().values()) {
      done(grown, InvalidPartitionsException.class);
    }
    plan.growing().forEach((topic, count) -> LOG.info("{} has {} partitions now", topic, count));
    plan.complaints().forEach(LOG::warn);
  }

  /** Waits; that another service was faster is no failure. */
  private static void done(KafkaFuture<Void> change, Class<? extends ApiException> faster)
      throws ExecutionException, InterruptedException {
    try {
      change.get();
    } catch (ExecutionException e) {
      if (!faster.isInstance(e.getCause())) {
        throw e;
      }
    }
  }

  private static Map<String, Integer> partitions(Admin admin, Set<String> topics)
      throws ExecutionException, InterruptedException {
    Set<String> existing = new HashSet<>(admin.listTopics().names().get());
    existing.retainAll(topics);
    Map<String, Integer> partitions = new HashMap<>();
    admin
        .describeTopics(existing)
        .allTopicNames()
        .get()
        .forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
    return partitions;
  }
}
