package io.smartedit.service;

import io.smartedit.events.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the topics that are missing, with the broker's own replication. */
public final class TopicSetup {

  private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);

  /** How long a broker is asked before its absence is said, and it is asked again. */
  private static final int PATIENCE_MILLIS = 10_000;

  private TopicSetup() {}

  /**
   * Creates what is missing; what is there stays as it is. Waits for a broker that is away.
   *
   * @param kafka settings of a Kafka client
   * @throws IllegalStateException if the broker refuses, or the thread is interrupted
   */
  public static void ensure(Map<String, Object> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    settings.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
    try (Admin admin = Admin.create(settings)) {
      while (!isDone(admin)) {
        LOG.warn("the topics wait for a broker at {}", kafka.get("bootstrap.servers"));
      }
    }
  }

  /** False where the broker is away; that takes as long as it is asked. */
  private static boolean isDone(Admin admin) {
    try {
      Set<String> existing = admin.listTopics().names().get();
      List<NewTopic> missing =
          Topics.all().stream()
              .filter(topic -> !existing.contains(topic.name()))
              .map(
                  topic ->
                      new NewTopic(topic.name(), Optional.of(topic.partitions()), Optional.empty())
                          .configs(topic.config()))
              .toList();
      admin.createTopics(missing).all().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) { // another service was faster
        return true;
      }
      if (e.getCause() instanceof TimeoutException) {
        return false;
      }
      throw new IllegalStateException("cannot create the topics: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating the topics", e);
    }
  }
}
