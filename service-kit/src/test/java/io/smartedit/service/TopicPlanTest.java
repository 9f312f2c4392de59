package io.smartedit.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.events.Topics;
import io.smartedit.events.Topics.Partitions;
import io.smartedit.events.Topics.Topic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class TopicPlanTest {

  @Test
  void anEmptyClusterGetsAllTopicsAsTheSettingsSay() {
    TopicPlan plan = plan(settings(24, 6, false), Map.of());

    Map<String, Integer> made =
        plan.missing().stream().collect(Collectors.toMap(Topic::name, Topic::partitions));
    assertThat(made)
        .hasSize(23)
        .containsEntry(Topics.REQUESTED, 24)
        .containsEntry(Topics.BULK, 24)
        .containsEntry(Topics.OUTCOMES, 6)
        .containsEntry(Topics.BATCH_PARKED, 6)
        .containsEntry(Topics.CANCELLED, 1)
        .containsEntry(Topics.METRICS, 1);
    assertThat(plan.growing()).isEmpty();
    assertThat(plan.complaints()).isEmpty();
  }

  @Test
  void whatFitsIsLeftAlone() {
    TopicPlan plan = plan(settings(8, 4, true), cluster(8, 4));

    assertThat(plan).isEqualTo(plan(settings(8, 4, false), cluster(8, 4)));
    assertThat(plan.missing()).isEmpty();
    assertThat(plan.growing()).isEmpty();
    assertThat(plan.complaints()).isEmpty();
  }

  @Test
  void tooFewForRequestsIsSaidWithWhatToDoAndLeft() {
    TopicPlan plan = plan(settings(24, 4, false), cluster(8, 4));

    assertThat(plan.growing()).isEmpty();
    assertThat(plan.complaints())
        .hasSize(3)
        .first()
        .asString()
        .contains(Topics.REQUESTED + " has 8", "kafka.partitions is 24", "grow-partitions=true");
  }

  @Test
  void topicsOfRequestsGrowWhereThatIsAskedFor() {
    TopicPlan plan = plan(settings(24, 4, true), cluster(8, 4));

    assertThat(plan.growing())
        .isEqualTo(Map.of(Topics.HIGH, 24, Topics.REQUESTED, 24, Topics.BULK, 24));
    assertThat(plan.complaints()).isEmpty();
  }

  @Test
  void moreThanAskedForIsNoComplaint() {
    TopicPlan plan = plan(settings(8, 4, true), cluster(24, 4));

    assertThat(plan.growing()).isEmpty();
    assertThat(plan.complaints()).isEmpty();
  }

  @Test
  void topicsOfResultsNeverGrow() {
    TopicPlan plan = plan(settings(8, 12, true), cluster(8, 4));

    assertThat(plan.growing()).isEmpty();
    assertThat(plan.complaints())
        .hasSize(13)
        .allSatisfy(line -> assertThat(line).contains("set kafka.result-partitions=4"));
  }

  @Test
  void aTopicWithoutPartitionsIsRefused() {
    assertThatThrownBy(() -> Settings.read(TopicSettings.DECLARED, Map.of("kafka.partitions", "0")))
        .isInstanceOf(SettingsException.class)
        .hasMessage("kafka.partitions is '0', must be from 1 to 10000");
  }

  @Test
  void topicsOfAModelAreTopicsOfRequests() {
    List<Topic> topics = Topics.ofModel("photo.v1", new Partitions(24, 4));
    Map<String, Integer> existing = Map.of("edits.requested.model.photo.v1", 8);

    TopicPlan plan = TopicPlan.of(topics, settings(24, 4, true), existing);

    assertThat(plan.missing())
        .extracting(Topic::name)
        .contains("edits.requested.bulk.model.photo.v1")
        .doesNotContain("edits.requested.model.photo.v1");
    assertThat(plan.growing()).isEqualTo(Map.of("edits.requested.model.photo.v1", 24));
  }

  private static TopicPlan plan(TopicSettings wanted, Map<String, Integer> existing) {
    return TopicPlan.of(Topics.all(wanted.partitions()), wanted, existing);
  }

  private static TopicSettings settings(int requests, int results, boolean grows) {
    return new TopicSettings(new Partitions(requests, results), grows);
  }

  private static Map<String, Integer> cluster(int requests, int results) {
    Map<String, Integer> partitions = new HashMap<>();
    Topics.all(new Partitions(requests, results))
        .forEach(topic -> partitions.put(topic.name(), topic.partitions()));
    return partitions;
  }
}
