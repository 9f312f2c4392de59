package io.smartedit.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.SettingsException;
import java.util.Map;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Test;

final class StatePartitionsTest {

  /** Not by those of requests, which may grow. */
  @Test
  void theStateIsKeptByTheseTopics() {
    assertThat(StatePartitions.topics(topology(), "sink"))
        .containsExactlyInAnyOrder(
            Topics.OUTCOMES,
            Topics.PROGRESS,
            Topics.BATCH_PARKED,
            Topics.VERDICTS,
            "sink-requests-by-id-repartition",
            "sink-batch-lines-repartition",
            "sink-batch-ends-repartition",
            "sink-batch-commands-repartition",
            "sink-outcomes-by-model-repartition",
            "sink-answered-changelog",
            "sink-awaiting-verdict-changelog",
            "sink-status-changelog",
            "sink-open-requests-changelog",
            "sink-batches-changelog",
            "sink-batch-lines-changelog",
            "sink-batch-parked-changelog",
            "sink-metrics-windows-changelog");
  }

  @Test
  void anEmptyClusterAndOneThatFitsPass() {
    assertThatCode(() -> StatePartitions.check(4, Map.of())).doesNotThrowAnyException();
    assertThatCode(() -> StatePartitions.check(4, Map.of(Topics.OUTCOMES, 4)))
        .doesNotThrowAnyException();
  }

  @Test
  void aSettingThatDoesNotFitSaysWhichDoes() {
    assertThatThrownBy(
            () ->
                StatePartitions.check(8, Map.of(Topics.OUTCOMES, 4, "sink-answered-changelog", 4)))
        .isInstanceOf(SettingsException.class)
        .hasMessage(
            """
            edits.outcomes has 4 partitions and kafka.result-partitions is 8
            sink-answered-changelog has 4 partitions and kafka.result-partitions is 8
            the sink keeps the partitions it began with: set kafka.result-partitions=4""");
  }

  @Test
  void aTopicThatWasGrownByHandIsNamed() {
    assertThatThrownBy(
            () ->
                StatePartitions.check(4, Map.of(Topics.OUTCOMES, 8, "sink-answered-changelog", 4)))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("edits.outcomes has 8 partitions")
        .hasMessageContaining("cannot be grown");
  }

  private static Topology topology() {
    return SinkTopology.build(
        new InMemorySchemaRegistry(),
        new PassedOver(new SimpleMeterRegistry()),
        new RefusedOutcomes(),
        4);
  }
}
