package io.smartedit.sink;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
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
  void anIdIsAnotherRequestForAnotherTenant() {
    outcomes.pipeInput("r-1", edited("r-1"));
    outcomes.pipeInput("r-1", EditOutcome.newBuilder(edited("r-1")).setTenant("other").build());

    assertThat(completed.readValuesToList())
        .extracting(EditCompleted::getTenant)
        .containsExactly("default", "other");
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
  void whatCannotBeReadNowIsReadAgainAndWhatNeverCanIsPassedOver() {
    AtomicBoolean away = new AtomicBoolean(true);
    SchemaRegistry flaky =
        new SchemaRegistry() {
          @Override
          public int register(String subject, Schema schema) {
            return registry.register(subject, schema);
          }

          @Override
          public Schema byId(int id) {
            if (away.get()) {
              throw new RegistryException("the registry is away", new IOException());
            }
            return registry.byId(id);
          }
        };
    Properties config = new Properties();
    config.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, SkipUnreadable.class);
    try (TopologyTestDriver flakyDriver =
        new TopologyTestDriver(SinkTopology.build(flaky), config)) {
      TestInputTopic<String, byte[]> raw =
          flakyDriver.createInputTopic(
              Topics.OUTCOMES, new StringSerializer(), new ByteArraySerializer());
      byte[] outcome =
          requireNonNull(new EventSerializer<>(registry).serialize(Topics.OUTCOMES, edited("r-1")));

      assertThatThrownBy(() -> raw.pipeInput("r-1", outcome)).hasMessageContaining("fail");

      away.set(false);
      raw.pipeInput("garbage", new byte[] {1, 2, 3});
      raw.pipeInput("r-2", outcome);
      assertThat(
              flakyDriver
                  .createOutputTopic(
                      Topics.COMPLETED, new StringDeserializer(), new ByteArrayDeserializer())
                  .readKeyValuesToList())
          .hasSize(1);
    }
  }

  @Test
  void aRequestOfAnySizeIsNotKept() {
    TestInputTopic<String, EditRequested> requests =
        driver.createInputTopic(
            Topics.REQUESTED, new StringSerializer(), new EventSerializer<>(registry));
    EditRequested proper = edited("r-1").getRequest();

    requests.pipeInput("k", requireNonNull(proper));
    requests.pipeInput(
        "k", EditRequested.newBuilder(proper).setRequestId("x".repeat(5_000_000)).build());

    assertThat(driver.getKeyValueStore(StatusKeeper.STORE).all())
        .toIterable()
        .extracting(entry -> entry.key)
        .containsExactly("default/r-1");
  }

  @Test
  void memoryOutlastsTheRequestsAndThenEnds() {
    outcomes.pipeInput("r-1", edited("r-1"));
    driver.advanceWallClockTime(Forgetting.MEMORY.minusHours(2));
    outcomes.pipeInput("r-1", edited("r-1"));
    assertThat(completed.readValuesToList()).hasSize(1);

    driver.advanceWallClockTime(Duration.ofHours(4));

    assertThat(driver.getKeyValueStore(FirstOutcome.STORE).get("default/r-1")).isNull();
  }

  @Test
  void ofMoreThanASliceTheOldAreForgottenAndTheYoungKept() {
    KeyValueStore<String, Long> answered = driver.getKeyValueStore(FirstOutcome.STORE);
    for (int i = 0; i < 2 * Forgetting.SLICE + 500; i++) {
      answered.put("default/r-" + i, i % 2 == 0 ? 0 : Instant.now().toEpochMilli());
    }

    for (int i = 0; i < 3; i++) {
      driver.advanceWallClockTime(Forgetting.PAUSE);
    }

    assertThat(answered.all())
        .toIterable()
        .hasSize(Forgetting.SLICE + 250)
        .allSatisfy(entry -> assertThat(entry.value).isPositive());
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
