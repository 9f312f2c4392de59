package io.smartedit.sink;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.BatchStatus;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Priority;
import io.smartedit.events.RandomEvents;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.sink.forecast.Backlog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sink makes of batches. */
final class BatchTopologyTest {

  private static final String KEY = "default/b";

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final TopologyTestDriver driver = driver();
  private final TestInputTopic<String, EditRequested> requests = input(Topics.REQUESTED);
  private final TestInputTopic<String, EditOutcome> outcomes = input(Topics.OUTCOMES);
  private final TestInputTopic<String, BatchCommand> commands = input(Topics.BATCH_COMMANDS);
  private final TestInputTopic<String, EditRequested> parked = input(Topics.BATCH_PARKED);
  private final TestOutputTopic<String, BatchCompleted> events =
      output(Topics.BATCHES, BatchCompleted.getClassSchema());
  private final TestOutputTopic<String, EditRequested> putBack =
      output(Topics.REQUESTED, EditRequested.getClassSchema());
  private final TestOutputTopic<String, EditRequested> putBackInBulk =
      output(Topics.BULK, EditRequested.getClassSchema());

  private TopologyTestDriver driver() {
    PassedOver passedOver = new PassedOver(new SimpleMeterRegistry());
    RefusedOutcomes refused = new RefusedOutcomes();
    Properties config = new Properties();
    config.put(PassedOver.SETTING, passedOver);
    config.put(RefusedOutcomes.SETTING, refused);
    config.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, UnforeseenFaults.class);
    SinkTopology.Surroundings around =
        new SinkTopology.Surroundings(
            new Backlog(), request -> request.getRequestId().equals("unwanted"));
    return new TopologyTestDriver(
        SinkTopology.build(registry, passedOver, refused, SinkTopology.ReviewRules.OFF, around, 4),
        config);
  }

  private <T extends SpecificRecord> TestInputTopic<String, T> input(String topic) {
    return driver.createInputTopic(topic, new StringSerializer(), new EventSerializer<>(registry));
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> output(
      String topic, Schema schema) {
    return driver.createOutputTopic(
        topic, new StringDeserializer(), new EventDeserializer<>(registry, schema));
  }

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aBatchHasOneEventOnceAllItsLinesHaveEnded() {
    request(line(1, "a"));
    request(line(2, "b"));
    end(line(1, "a"), Status.EDITED);
    command(BatchAction.SEAL, 2);
    assertThat(events.isEmpty()).isTrue();

    end(line(2, "b"), Status.REJECTED);

    assertThat(events.readKeyValuesToList())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.key).isEqualTo(KEY);
              assertThat(event.value.getLines()).isEqualTo(2);
              assertThat(event.value.getCounts()).isEqualTo(Map.of("EDITED", 1L, "REJECTED", 1L));
              assertThat(event.value.getCancelled()).isFalse();
            });
  }

  @Test
  void whateverComesFirstTheCountsAreRight() {
    command(BatchAction.SEAL, 2);
    end(line(2, "b"), Status.FAILED);
    request(line(2, "b"));
    request(line(1, "a"));
    assertThat(events.isEmpty()).isTrue();
    end(line(1, "a"), Status.EDITED);

    assertThat(events.readValue().getCounts()).isEqualTo(Map.of("EDITED", 1L, "FAILED", 1L));
    assertThat(status().getLines()).isEqualTo(2);
  }

  @Test
  void toSendABatchAgainChangesNothing() {
    for (int i = 0; i < 2; i++) {
      request(line(1, "a"));
      request(line(2, "b"));
      end(line(1, "a"), Status.EDITED);
      end(line(2, "b"), i == 0 ? Status.EDITED : Status.FAILED);
      command(BatchAction.SEAL, 2);
    }

    assertThat(events.readValuesToList()).hasSize(1);
    assertThat(status().getCounts()).isEqualTo(Map.of("EDITED", 2L));
  }

  @Test
  void twoLinesOfOneRequestEndAsItDoes() {
    request(line(1, "a"));
    request(line(2, "a"));
    end(line(1, "a"), Status.REJECTED);
    end(line(2, "a"), Status.EDITED);
    command(BatchAction.SEAL, 2);

    assertThat(events.readValue().getCounts()).isEqualTo(Map.of("REJECTED", 2L));
  }

  @Test
  void aLineThatIsMendedIsOpenAgainUntilItsNewRequestEnds() {
    request(line(1, "a"));
    end(line(1, "a"), Status.REJECTED);
    command(BatchAction.SEAL, 1);
    assertThat(events.readValuesToList()).hasSize(1);

    EditRequested mended = at(line(1, "a2"), 2);
    request(mended);
    end(line(1, "a"), Status.REJECTED); // redelivered, of the old one
    assertThat(status().getFinishedAt()).isNull();
    end(mended, Status.EDITED);

    assertThat(events.readValue().getCounts()).isEqualTo(Map.of("EDITED", 1L));
  }

  @Test
  void anEmptyBatchEndsAtOnce() {
    command(BatchAction.SEAL, 0);

    assertThat(events.readValue().getLines()).isZero();
  }

  @Test
  void batchesOfOneNameBelongToTheirTenants() {
    EditRequested others = EditRequested.newBuilder(line(1, "a")).setTenant("other").build();
    request(line(1, "a"));
    request(others);
    command(BatchAction.SEAL, 1);

    end(others, Status.EDITED);
    assertThat(events.isEmpty()).isTrue();
    end(line(1, "a"), Status.EDITED);
    assertThat(events.readKeyValuesToMap()).containsOnlyKeys(KEY);
  }

  @Test
  void whatRestsIsPutBackInItsOrderOnceItsBatchGoesOn() {
    request(line(1, "a"));
    command(BatchAction.PAUSE, 0);
    for (long i = 1; i <= 2500; i++) {
      parked.pipeInput(KEY, line(i, "r-" + i));
    }
    driver.advanceWallClockTime(ParkedRequests.PAUSE);
    assertThat(putBack.isEmpty()).isTrue();
    assertThat(status().getParked()).isEqualTo(2500);

    command(BatchAction.RESUME, 0);
    for (int i = 0; i < 3; i++) {
      driver.advanceWallClockTime(ParkedRequests.PAUSE);
    }

    assertThat(putBack.readValuesToList())
        .extracting(EditRequested::getRequestId)
        .isEqualTo(LongStream.rangeClosed(1, 2500).mapToObj(i -> "r-" + i).toList());
    assertThat(status().getParked()).isZero();
  }

  @Test
  void aBatchThatRestsHoldsUpNoOther() {
    command(BatchAction.PAUSE, 0);
    parked.pipeInput(KEY, line(1, "a"));
    EditRequested other =
        EditRequested.newBuilder(line(1, "c")).setBatch("c").setPriority(Priority.BULK).build();
    parked.pipeInput("default/c", other);

    driver.advanceWallClockTime(ParkedRequests.PAUSE);

    assertThat(putBack.isEmpty()).isTrue();
    assertThat(putBackInBulk.readValue().getRequestId()).isEqualTo("c");
  }

  @Test
  void whatIsWithdrawnOrTooLateDoesNotRestWithItsBatch() {
    command(BatchAction.PAUSE, 0);
    Instant soon = Instant.now().plusSeconds(60);
    parked.pipeInput(KEY, EditRequested.newBuilder(line(1, "late")).setDeadline(soon).build());
    parked.pipeInput(KEY, line(2, "unwanted"));
    parked.pipeInput(KEY, line(3, "rests"));
    driver.advanceWallClockTime(ParkedRequests.PAUSE);
    assertThat(putBack.readValue().getRequestId()).isEqualTo("unwanted");

    driver.advanceWallClockTime(Duration.ofMinutes(2));

    assertThat(putBack.readValuesToList())
        .extracting(EditRequested::getRequestId)
        .containsExactly("late");
    assertThat(status().getParked()).isEqualTo(1);
  }

  @Test
  void aCancelledBatchIsPutBackToBeAnsweredAndRestsNoMore() {
    request(line(1, "a"));
    command(BatchAction.SEAL, 1);
    command(BatchAction.PAUSE, 0);
    parked.pipeInput(KEY, line(1, "a"));
    command(BatchAction.CANCEL, 0);
    command(BatchAction.PAUSE, 0);
    driver.advanceWallClockTime(ParkedRequests.PAUSE);

    assertThat(putBack.readValuesToList()).hasSize(1);
    end(line(1, "a"), Status.CANCELLED);
    assertThat(events.readValue().getCancelled()).isTrue();
  }

  @Test
  void whatIsOldIsForgottenUnlessSomethingRests() {
    request(line(1, "a"));
    command(BatchAction.PAUSE, 0);
    parked.pipeInput(KEY, line(1, "a"));
    driver.advanceWallClockTime(RetentionSweep.MEMORY.plusHours(1));
    assertThat(store(BatchBook.STATUSES).get(KEY)).isNotNull();

    command(BatchAction.RESUME, 0);
    driver.advanceWallClockTime(ParkedRequests.PAUSE);
    driver.advanceWallClockTime(RetentionSweep.MEMORY.plusHours(1));

    assertThat(store(BatchBook.STATUSES).get(KEY)).isNull();
    assertThat(store(BatchBook.LINES).all().hasNext()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {Topics.BATCH_COMMANDS, Topics.BATCH_PARKED})
  void whateverLiesOnATopicTheNextBatchHasItsEnd(String topic) throws Exception {
    TestInputTopic<byte[], byte[]> raw =
        driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    List<Schema> schemas = List.of(EditRequested.getClassSchema(), BatchCommand.getClassSchema());
    Random random = new Random(topic.hashCode());
    for (int i = 0; i < 500; i++) {
      byte[] record = RandomEvents.record(registry, schemas.get(i % 2), random);
      byte[] key = new byte[random.nextInt(8)];
      random.nextBytes(key);
      raw.pipeInput(
          i % 3 == 0 ? null : key, i % 4 == 0 ? RandomEvents.mutated(record, random) : record);
    }
    driver.advanceWallClockTime(ParkedRequests.PAUSE);

    request(line(1, "a"));
    end(line(1, "a"), Status.EDITED);
    command(BatchAction.SEAL, 1);

    assertThat(events.readKeyValuesToMap()).containsKey(KEY);
  }

  private BatchStatus status() {
    return requireNonNull(this.<BatchStatus>store(BatchBook.STATUSES).get(KEY));
  }

  private <V> KeyValueStore<String, V> store(String name) {
    return driver.getKeyValueStore(name);
  }

  private void request(EditRequested request) {
    requests.pipeInput(request.getSource(), request);
  }

  private void command(BatchAction action, long accepted) {
    commands.pipeInput(
        KEY,
        BatchCommand.newBuilder()
            .setBatch("b")
            .setAction(action)
            .setAccepted(accepted)
            .setAt(Instant.EPOCH)
            .build());
  }

  private void end(EditRequested request, Status status) {
    EditOutcome.Builder outcome =
        EditOutcome.newBuilder()
            .setRequestId(request.getRequestId())
            .setTenant(request.getTenant())
            .setStatus(status)
            .setRequest(request)
            .setCost(Costs.NOTHING)
            .setWorker("w")
            .setModel("m")
            .setVersion("v")
            .setSeed(0)
            .setFinishedAt(Instant.EPOCH);
    if (status == Status.EDITED) {
      outcome.setResult(
          EditResult.newBuilder()
              .setOutput("s3://edited/default/" + request.getRequestId() + ".png")
              .setBytes(1)
              .setSha256("00")
              .setWidth(8)
              .setHeight(8)
              .build());
    } else {
      outcome.setFailure(new Failure(FailureKind.REJECTED, "no such key"));
    }
    outcomes.pipeInput(request.getRequestId(), outcome.build());
  }

  private static EditRequested line(long line, String id) {
    return EditRequested.newBuilder()
        .setRequestId(id)
        .setSource("s3://pictures/a.png")
        .setInstruction("remove the cat")
        .setBatch("b")
        .setBatchLine(line)
        .setRequestedAt(Instant.ofEpochMilli(1))
        .build();
  }

  private static EditRequested at(EditRequested request, long millis) {
    return EditRequested.newBuilder(request).setRequestedAt(Instant.ofEpochMilli(millis)).build();
  }
}
