package io.smartedit.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditStatus;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Ruling;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.State;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.sink.SinkTopology.ReviewRules;
import io.smartedit.sink.SinkTopology.Surroundings;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Results that wait for a verdict, and their one end. */
final class ReviewTest {

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final TopologyTestDriver driver = driver();
  private final TestInputTopic<String, EditOutcome> outcomes = input(Topics.OUTCOMES);
  private final TestInputTopic<String, EditVerdict> verdicts = input(Topics.VERDICTS);
  private final TestOutputTopic<String, EditCompleted> completed =
      output(Topics.COMPLETED, EditCompleted.getClassSchema());
  private final TestOutputTopic<String, EditFailed> failed =
      output(Topics.FAILED, EditFailed.getClassSchema());
  private final TestOutputTopic<String, EditReview> reviews =
      output(Topics.REVIEW, EditReview.getClassSchema());

  private TopologyTestDriver driver() {
    PassedOver passedOver = new PassedOver(new SimpleMeterRegistry());
    return new TopologyTestDriver(
        SinkTopology.build(
            registry,
            passedOver,
            new RefusedOutcomes(),
            new ReviewRules(true, Duration.ofDays(7)),
            Surroundings.none(),
            4),
        new Properties());
  }

  private <T extends SpecificRecord> TestInputTopic<String, T> input(String topic) {
    return driver.createInputTopic(topic, new StringSerializer(), new EventSerializer<T>(registry));
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> output(
      String topic, Schema schema) {
    return driver.createOutputTopic(
        topic, new StringDeserializer(), new EventDeserializer<T>(registry, schema));
  }

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aResultWaitsUntilItIsAllowed() {
    outcomes.pipeInput("r-1", SinkTopologyTest.edited("r-1"));
    assertThat(reviews.readValue().getOutcome().getResult().getOutput()).endsWith("r-1.png");
    assertThat(completed.isEmpty()).isTrue();

    verdicts.pipeInput("r-1", verdict("r-1", Ruling.ALLOW));

    assertThat(completed.readValue().getVerdict().getPolicy()).isEqualTo("faces");
    assertThat(failed.isEmpty()).isTrue();
  }

  @Test
  void aBlockedResultIsAFailedEventWithThePolicysId() {
    outcomes.pipeInput("r-1", SinkTopologyTest.edited("r-1"));
    verdicts.pipeInput("r-1", verdict("r-1", Ruling.BLOCK));

    EditFailed event = failed.readValue();
    assertThat(event.getStatus()).isEqualTo(Status.REJECTED);
    assertThat(event.getVerdict().getPolicy()).isEqualTo("faces");
    assertThat(event.getFailure().getMessage()).isEqualTo("blocked by faces: a child");
    assertThat(completed.isEmpty()).isTrue();
  }

  @Test
  void aHeldResultIsReleasedOnceWhateverComesAfter() {
    outcomes.pipeInput("r-1", SinkTopologyTest.edited("r-1"));
    verdicts.pipeInput("r-1", verdict("r-1", Ruling.HOLD));
    KeyValueStore<String, EditStatus> statuses = driver.getKeyValueStore(StatusUpdater.STORE);
    EditStatus held = statuses.get("default/r-1");
    assertThat(held.getState()).isEqualTo(State.RUNNING);
    assertThat(held.getVerdict().getReason()).isEqualTo("a child");

    verdicts.pipeInput("r-1", verdict("r-1", Ruling.ALLOW));
    verdicts.pipeInput("r-1", verdict("r-1", Ruling.BLOCK));
    outcomes.pipeInput("r-1", SinkTopologyTest.edited("r-1"));
    verdicts.pipeInput("r-1", verdict("r-1", Ruling.ALLOW));

    assertThat(completed.readValuesToList()).hasSize(1);
    assertThat(failed.isEmpty()).isTrue();
  }

  @Test
  void whatNobodyDecidesIsBlockedInTheEnd() {
    outcomes.pipeInput("r-1", SinkTopologyTest.edited("r-1"));

    driver.advanceWallClockTime(Duration.ofDays(7).plusSeconds(2));

    assertThat(failed.readValue().getVerdict().getPolicy()).isEqualTo("undecided");
  }

  @Test
  void whatHasNoResultWaitsForNobody() {
    outcomes.pipeInput("r-1", SinkTopologyTest.rejected("r-1"));

    assertThat(failed.readValuesToList()).hasSize(1);
    assertThat(reviews.isEmpty()).isTrue();
  }

  @Test
  void aWorkersOwnVerdictIsNone() {
    EditOutcome forged =
        EditOutcome.newBuilder(SinkTopologyTest.edited("r-1"))
            .setVerdict(verdict("r-1", Ruling.ALLOW))
            .build();

    outcomes.pipeInput("r-1", forged);

    assertThat(completed.isEmpty()).isTrue();
    assertThat(reviews.readValue().getOutcome().getVerdict()).isNull();
  }

  private static EditVerdict verdict(String id, Ruling ruling) {
    return EditVerdict.newBuilder()
        .setRequestId(id)
        .setTenant("default")
        .setRuling(ruling)
        .setPolicy("faces")
        .setReason("a child")
        .setBy("policy")
        .setAt(Instant.ofEpochMilli(5))
        .build();
  }
}
