package io.smartedit.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.Cost;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SinkTopologyTest {

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final TopologyTestDriver driver =
      new TopologyTestDriver(SinkTopology.build(registry), new Properties());
  private final TestInputTopic<String, EditOutcome> outcomes =
      driver.createInputTopic(
          Topics.OUTCOMES, new StringSerializer(), new EventSerializer<>(registry));
  private final TestOutputTopic<String, EditCompleted> completed =
      driver.createOutputTopic(
          Topics.COMPLETED,
          new StringDeserializer(),
          new EventDeserializer<>(registry, EditCompleted.getClassSchema()));
  private final TestOutputTopic<String, EditFailed> failed =
      driver.createOutputTopic(
          Topics.FAILED,
          new StringDeserializer(),
          new EventDeserializer<>(registry, EditFailed.getClassSchema()));

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void anEditedOutcomeIsOneCompletedEvent() {
    outcomes.pipeInput("r-1", edited("r-1"));
    outcomes.pipeInput("r-1", edited("r-1"));

    assertThat(completed.readValuesToList())
        .singleElement()
        .satisfies(event -> assertThat(event.getRequestId()).isEqualTo("r-1"));
    assertThat(failed.isEmpty()).isTrue();
  }

  @Test
  void theFirstOutcomeWins() {
    outcomes.pipeInput("r-1", rejected("r-1"));
    outcomes.pipeInput("r-1", edited("r-1"));

    assertThat(failed.readValuesToList())
        .singleElement()
        .satisfies(event -> assertThat(event.getFailure().getMessage()).isEqualTo("no such key"));
    assertThat(completed.isEmpty()).isTrue();
  }

  @Test
  void anOutcomeThatSaysNothingStillEndsTheRequest() {
    outcomes.pipeInput("r-1", EditOutcome.newBuilder(edited("r-1")).clearResult().build());

    assertThat(failed.readValue().getFailure().getKind()).isEqualTo(FailureKind.INTERNAL);
  }

  @Test
  void memoryOutlastsTheRequestsAndThenEnds() {
    outcomes.pipeInput("r-1", edited("r-1"));
    driver.advanceWallClockTime(FirstOutcome.MEMORY.minusHours(2));
    outcomes.pipeInput("r-1", edited("r-1"));
    assertThat(completed.readValuesToList()).hasSize(1);

    driver.advanceWallClockTime(Duration.ofHours(4));

    assertThat(driver.getKeyValueStore(FirstOutcome.STORE).get("r-1")).isNull();
  }

  private static EditOutcome edited(String id) {
    return outcome(id)
        .setStatus(Status.EDITED)
        .setResult(
            EditResult.newBuilder()
                .setOutput("s3://edited/default/" + id + ".png")
                .setBytes(10)
                .setSha256("00")
                .setWidth(8)
                .setHeight(8)
                .build())
        .build();
  }

  private static EditOutcome rejected(String id) {
    return outcome(id)
        .setStatus(Status.REJECTED)
        .setFailure(
            Failure.newBuilder().setKind(FailureKind.REJECTED).setMessage("no such key").build())
        .build();
  }

  private static EditOutcome.Builder outcome(String id) {
    EditRequested request =
        EditRequested.newBuilder()
            .setRequestId(id)
            .setSource("s3://pictures/a.png")
            .setInstruction("remove the cat")
            .setRequestedAt(Instant.ofEpochMilli(1))
            .build();
    Cost cost =
        Cost.newBuilder()
            .setQueued(0)
            .setFetched(0)
            .setRead(0)
            .setDenoised(0)
            .setDeveloped(0)
            .setStored(0)
            .setBatch(1)
            .setAttempts(1)
            .build();
    return EditOutcome.newBuilder()
        .setRequestId(id)
        .setTenant("default")
        .setRequest(request)
        .setCost(cost)
        .setWorker("w")
        .setModel("m")
        .setVersion("v")
        .setSeed(0)
        .setFinishedAt(Instant.ofEpochMilli(2));
  }
}
