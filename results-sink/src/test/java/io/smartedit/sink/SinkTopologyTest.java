package io.smartedit.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.smartedit.events.Cost;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.RandomEvents;
import io.smartedit.events.RegistryException;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.Random;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SinkTopologyTest {

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RefusedOutcomes refused = new RefusedOutcomes();
  private final TopologyTestDriver driver = driver(registry);
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

  private TopologyTestDriver driver(SchemaRegistry schemas) {
    PassedOver passedOver = new PassedOver(meters);
    Properties config = new Properties();
    config.put(PassedOver.SETTING, passedOver);
    config.put(RefusedOutcomes.SETTING, refused);
    config.put(
        SinkSpans.SETTING,
        new SinkSpans(
            SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                .build()
                .get("test")));
    config.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, UnforeseenFaults.class);
    return new TopologyTestDriver(SinkTopology.build(schemas, passedOver, refused, 4), config);
  }

  private double passedOver(String reason) {
    return meters.find("smartedit.sink.passed.over").tag("reason", reason).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

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
  void theEndOfARequestIsASpanOfItsTrace() {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    EditOutcome outcome = edited("r-1");
    EditRequested traced =
        EditRequested.newBuilder(outcome.getRequest())
            .setTraceparent("00-" + trace + "-b7ad6b7169203331-01")
            .build();
    EditOutcome first = EditOutcome.newBuilder(outcome).setRequest(traced).build();
    outcomes.pipeInput("r-1", first);
    outcomes.pipeInput("r-1", first);
    outcomes.pipeInput("r-2", rejected("r-2"));

    assertThat(exporter.getFinishedSpanItems())
        .extracting(span -> span.getStatus().getStatusCode())
        .containsExactly(StatusCode.UNSET, StatusCode.ERROR);
    assertThat(exporter.getFinishedSpanItems().get(0).getTraceId()).isEqualTo(trace);
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
  void theOutcomeDeduplicatorWins() {
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
    try (TopologyTestDriver flakyDriver = driver(flaky)) {
      TestInputTopic<String, byte[]> raw =
          flakyDriver.createInputTopic(
              Topics.OUTCOMES, new StringSerializer(), new ByteArraySerializer());
      byte[] outcome =
          requireNonNull(new EventSerializer<>(registry).serialize(Topics.OUTCOMES, edited("r-1")));

      assertThatThrownBy(() -> raw.pipeInput("r-1", outcome)).hasMessageContaining("fail");

      away.set(false);
      raw.pipeInput("garbage", new byte[] {1, 2, 3});
      raw.pipeInput("r-1", outcome);
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

    assertThat(driver.getKeyValueStore(StatusUpdater.STORE).all())
        .toIterable()
        .extracting(entry -> entry.key)
        .containsExactly("default/r-1");
  }

  @Test
  void memoryOutlastsTheRequestsAndThenEnds() {
    outcomes.pipeInput("r-1", edited("r-1"));
    driver.advanceWallClockTime(RetentionSweep.MEMORY.minusHours(2));
    outcomes.pipeInput("r-1", edited("r-1"));
    assertThat(completed.readValuesToList()).hasSize(1);

    driver.advanceWallClockTime(Duration.ofHours(4));

    assertThat(driver.getKeyValueStore(OutcomeDeduplicator.STORE).get("default/r-1")).isNull();
  }

  @Test
  void ofMoreThanASliceTheOldAreForgottenAndTheYoungKept() {
    KeyValueStore<String, Long> answered = driver.getKeyValueStore(OutcomeDeduplicator.STORE);
    for (int i = 0; i < 2 * RetentionSweep.SLICE + 500; i++) {
      answered.put("default/r-" + i, i % 2 == 0 ? 0 : Instant.now().toEpochMilli());
    }

    for (int i = 0; i < 3; i++) {
      driver.advanceWallClockTime(RetentionSweep.PAUSE);
    }

    assertThat(answered.all())
        .toIterable()
        .hasSize(RetentionSweep.SLICE + 250)
        .allSatisfy(entry -> assertThat(entry.value).isPositive());
  }

  @Test
  void recordsThatAreNoneOfOursAreCountedAndPassedOver() {
    outcomes.pipeInput("r-0", (EditOutcome) null);
    outcomes.pipeInput((String) null, (EditOutcome) null);
    outcomes.pipeInput(null, edited("r-0"));
    outcomes.pipeInput("other", edited("r-0"));
    outcomes.pipeInput("", edited(""));
    outcomes.pipeInput("x".repeat(100_000), edited("x".repeat(100_000)));
    outcomes.pipeInput("r-0", EditOutcome.newBuilder(edited("r-0")).setTenant("a/b").build());
    outcomes.pipeInput("r-1", edited("r-1"));

    assertThat(completed.readValuesToList())
        .extracting(EditCompleted::getRequestId)
        .containsExactly("r-1");
    assertThat(failed.isEmpty()).isTrue();
    assertThat(passedOver("empty")).isEqualTo(2);
    assertThat(passedOver("key")).isEqualTo(2);
    assertThat(passedOver("name")).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {Topics.HIGH, Topics.REQUESTED, Topics.BULK, Topics.PROGRESS, Topics.OUTCOMES})
  void whateverLiesOnATopicTheNextRequestHasItsEnd(String topic) throws Exception {
    TestInputTopic<byte[], byte[]> raw =
        driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    List<Schema> schemas =
        List.of(
            EditRequested.getClassSchema(),
            EditProgress.getClassSchema(),
            EditOutcome.getClassSchema(),
            EditCancelled.getClassSchema());
    Random random = new Random(topic.hashCode());
    for (int i = 0; i < 500; i++) {
      byte[] record =
          RandomEvents.record(registry, schemas.get(random.nextInt(schemas.size())), random);
      byte[] key = new byte[random.nextInt(8)];
      random.nextBytes(key);
      raw.pipeInput(
          switch (i % 3) {
            case 0 -> key;
            case 1 -> "r-1".getBytes(UTF_8); // one of the ids that random events have
            default -> null;
          },
          i % 2 == 0 ? record : RandomEvents.mutated(record, random),
          Instant.ofEpochMilli(random.nextInt(10) == 0 ? Long.MAX_VALUE : 1));
    }

    outcomes.pipeInput("sound", edited("sound"));

    assertThat(completed.readValuesToList())
        .extracting(EditCompleted::getRequestId)
        .contains("sound");
    failed.readValuesToList().forEach(SinkTopologyTest::assertReadableByAll);
  }

  private static void assertReadableByAll(EditFailed event) {
    assertThat(RequestRules.isTime(event.getFinishedAt())).isTrue();
    EditRequested request = event.getRequest();
    assertThat(request == null || RequestRules.isQuotable(request)).isTrue();
  }

  @Test
  void aRequestWhoseTimesNotEveryClientHasIsQuotedAsBytes() {
    EditRequested odd =
        EditRequested.newBuilder(requireNonNull(edited("r-1").getRequest()))
            .setDeadline(Instant.ofEpochMilli(Long.MIN_VALUE))
            .build();
    outcomes.pipeInput(
        "r-1",
        EditOutcome.newBuilder(rejected("r-1"))
            .setRequest(odd)
            .setFinishedAt(Instant.ofEpochMilli(Long.MAX_VALUE))
            .build());

    EditFailed event = failed.readValue();
    assertThat(event.getRequest()).isNull();
    assertReadableByAll(event);
    byte[] raw = new byte[requireNonNull(event.getRaw()).remaining()];
    event.getRaw().get(raw);
    assertThat(
            new EventDeserializer<EditRequested>(registry, EditRequested.getClassSchema())
                .deserialize(Topics.REQUESTED, raw))
        .isEqualTo(odd);
  }

  @Test
  void anEventThatNoBrokerTakesIsTakenForASmallerOne() {
    String long0 = "m".repeat(1_000_000);
    EditResult result = requireNonNull(edited("r-1").getResult());
    outcomes.pipeInput(
        "r-1",
        EditOutcome.newBuilder(edited("r-1"))
            .setResult(EditResult.newBuilder(result).setSourceCredentials(long0).build())
            .build());
    outcomes.pipeInput(
        "r-2",
        EditOutcome.newBuilder(rejected("r-2"))
            .setFailure(new Failure(FailureKind.REJECTED, long0))
            .setRaw(ByteBuffer.allocate(2_000_000))
            .build());

    EditFailed first = failed.readValue();
    assertThat(first.getFailure().getMessage())
        .contains("s3://edited/default/r-1.png", "more than 900000");
    EditFailed second = failed.readValue();
    assertThat(second.getFailure().getMessage()).hasSizeLessThan(5000);
    assertThat(requireNonNull(second.getRaw()).remaining()).isLessThan(600_000);
  }

  @Test
  void anOutcomeWhoseEventTheBrokerRefusedIsAnsweredBriefly() {
    refused.add(Topics.OUTCOMES, 0, 0, "too large");

    outcomes.pipeInput("r-1", edited("r-1"));

    assertThat(failed.readValue().getFailure().getMessage()).contains("too large", "r-1.png");
    assertThat(completed.isEmpty()).isTrue();
  }

  @Test
  void aTimeFarAheadClosesNoWindow() {
    TestOutputTopic<String, EditMetrics> metrics =
        driver.createOutputTopic(
            Topics.METRICS,
            new StringDeserializer(),
            new EventDeserializer<>(registry, EditMetrics.getClassSchema()));
    outcomes.pipeInput("r-1", edited("r-1"), Instant.parse("9999-01-01T00:00:00Z"));
    outcomes.pipeInput("r-2", edited("r-2"), Instant.now());
    outcomes.pipeInput("r-3", rejected("r-3"), Instant.now());

    long counted =
        metrics.readKeyValuesToMap().values().stream()
            .mapToLong(m -> m.getCounts().values().stream().mapToLong(Long::longValue).sum())
            .sum();
    assertThat(counted).isEqualTo(3);
  }

  static EditOutcome edited(String id) {
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

  static EditOutcome rejected(String id) {
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
    Cost cost = Costs.NOTHING;
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
