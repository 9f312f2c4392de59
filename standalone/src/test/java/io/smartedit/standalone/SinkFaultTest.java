package io.smartedit.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.smartedit.events.Cost;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.service.SettingsException;
import io.smartedit.service.TopicSetup;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.standalone.local.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sink alone on a real broker that refuses, and beside outcomes that are none. */
final class SinkFaultTest {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir private Path folder = Path.of("");

  private LocalCluster cluster;
  private ResultsSink sink;
  private EventStream events;
  private KafkaProducer<byte[], byte[]> producer;
  private EventSerializer<EditOutcome> serializer;
  private final Map<String, SpecificRecord> ends = new HashMap<>();
  private final List<String> seen = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    cluster = LocalCluster.start(folder);
    SchemaRegistry registry = new HttpSchemaRegistry(cluster.endpoints().registry(), null);
    serializer = new EventSerializer<>(registry);
    sink = sink("sink", "classic");
    sink.start();
    await("the sink").atMost(LIMIT).until(sink::isReady);
    events = new EventStream(cluster.endpoints(), false);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", cluster.endpoints().bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  private ResultsSink sink(String state, String protocol) {
    Map<String, String> settings = new HashMap<>(cluster.endpoints().settings());
    settings.put("sink.state", folder.resolve(state).toString());
    settings.put("sink.group-protocol", protocol);
    settings.put("http.port", "0");
    settings.put("models.patience", "3s");
    return new ResultsSink(
        SinkSettings.of(Settings.read(SinkSettings.DECLARED, settings)),
        new HttpSchemaRegistry(cluster.endpoints().registry(), null));
  }

  @AfterEach
  void stop() throws IOException {
    producer.close();
    events.close();
    sink.close();
    cluster.close();
  }

  @Test
  void outcomesThatAreNoneDoNotStopTheOthers() {
    send(null, null);
    send("r-0", null);
    send("r-0", new byte[0]);
    send("r-0", new byte[] {0, 0, 0, 1, 0});
    send("other", outcome("r-0", "x"));
    send("r-1", outcome("r-1", "x"));

    assertThat(endOf("r-1")).isInstanceOf(EditCompleted.class);
    assertThat(ends).containsOnlyKeys("r-1");
  }

  /** One broker for both: topics grow where that is asked for, and the sink keeps its own. */
  @Test
  void requestsGetMorePartitionsAndTheSinkRefusesOthersThanItsStateHas() {
    Map<String, String> given = new HashMap<>(cluster.endpoints().settings());
    given.put("sink.state", folder.resolve("other").toString());
    given.put("http.port", "0");
    given.put("kafka.partitions", "12");
    given.put("kafka.result-partitions", "6");
    given.put("kafka.grow-partitions", "true");
    SinkSettings settings = SinkSettings.of(Settings.read(SinkSettings.DECLARED, given));
    Map<String, Object> kafka = settings.cluster().kafka();

    TopicSetup.ensure(settings.cluster());

    await("more partitions")
        .atMost(LIMIT)
        .until(
            () -> TopicSetup.partitions(kafka, Set.of(Topics.REQUESTED, Topics.OUTCOMES)),
            Map.of(Topics.REQUESTED, 12, Topics.OUTCOMES, 4)::equals);
    try (ResultsSink other = new ResultsSink(settings, settings.cluster().registry())) {
      assertThatThrownBy(other::start)
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining(Topics.OUTCOMES + " has 4 partitions")
          .hasMessageContaining("results-sink-answered-changelog has 4 partitions")
          .hasMessageContaining("set kafka.result-partitions=4");
    }
    assertThat(sink.isReady()).isTrue();
  }

  @Test
  void requestsOfAModelWhoseWorkersHaveAllGoneEndOnceWithTheReason() throws Exception {
    String topic = Topics.ofModel(Topics.REQUESTED, "oil");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.endpoints().bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
    }
    SchemaRegistry registry = new HttpSchemaRegistry(cluster.endpoints().registry(), null);
    EditRequested stranded =
        EditRequested.newBuilder()
            .setRequestId("stranded")
            .setModel("oil")
            .setSource("s3://pictures/a.png")
            .setInstruction("remove the cat")
            .setRequestedAt(Instant.now())
            .build();
    byte[] value = new EventSerializer<EditRequested>(registry).serialize(topic, stranded);
    producer.send(new ProducerRecord<>(topic, "k".getBytes(UTF_8), value)).get();

    assertThat(endOf("stranded"))
        .isInstanceOf(EditFailed.class)
        .asString()
        .contains("REJECTED", "model is oil, which no worker has announced for 3 s");
    send("stranded", outcome("stranded", "of a worker that came back"));
    send("after", outcome("after", "x"));
    assertThat(endOf("after")).isInstanceOf(EditCompleted.class);
    assertThat(ends).containsOnlyKeys("stranded", "after");
    assertThat(ends.get("stranded")).isInstanceOf(EditFailed.class);
  }

  @Test
  void theStreamsProtocolGoesOnWhereTheClassicOneStopped() {
    send("r-0", outcome("r-0", "x"));
    assertThat(endOf("r-0")).isInstanceOf(EditCompleted.class);
    sink.close();
    sink = sink("sink", "streams");
    sink.start();
    try (ResultsSink second = sink("second", "streams")) {
      second.start();
      await("two instances").atMost(LIMIT).until(() -> sink.isReady() && second.isReady());
      send("r-0", outcome("r-0", "again"));
      for (int i = 1; i < 9; i++) {
        send("r-" + i, outcome("r-" + i, "x"));
      }
      for (int i = 1; i < 9; i++) {
        endOf("r-" + i);
      }
    }
    send("r-8", outcome("r-8", "again"));
    send("r-9", outcome("r-9", "x"));

    assertThat(endOf("r-9")).isInstanceOf(EditCompleted.class);
    assertThat(seen).doesNotHaveDuplicates().hasSize(10);
  }

  @Test
  void anEventThatTheBrokerRefusesEndsInOneThatSaysSo() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.endpoints().bootstrap()))) {
      ConfigResource completed = new ConfigResource(ConfigResource.Type.TOPIC, Topics.COMPLETED);
      ConfigEntry limit = new ConfigEntry("max.message.bytes", "2000");
      admin
          .incrementalAlterConfigs(
              Map.of(completed, List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
    send("large", outcome("large", "x".repeat(3000)));
    send("small", outcome("small", "x"));

    EditFailed failed = (EditFailed) endOf("large");
    assertThat(failed.getFailure().getMessage())
        .contains("s3://edited/default/large.png", Topics.COMPLETED);
    assertThat(endOf("small")).isInstanceOf(EditCompleted.class);
  }

  private SpecificRecord endOf(String id) {
    await("the end of " + id)
        .atMost(LIMIT)
        .until(
            () -> {
              events.poll(
                  event -> {
                    if (event instanceof EditCompleted || event instanceof EditFailed) {
                      seen.add(event.get(0).toString());
                    }
                    if (event instanceof EditCompleted completed) {
                      ends.put(completed.getRequestId(), completed);
                    } else if (event instanceof EditFailed failed) {
                      ends.put(failed.getRequestId(), failed);
                    }
                  });
              return ends.containsKey(id);
            });
    return requireNonNull(ends.get(id));
  }

  private void send(@Nullable String key, byte @Nullable [] value) {
    byte[] name = key == null ? null : key.getBytes(UTF_8);
    var unused = producer.send(new ProducerRecord<>(Topics.OUTCOMES, name, value));
  }

  private byte[] outcome(String id, String instruction) {
    EditOutcome outcome =
        EditOutcome.newBuilder()
            .setRequestId(id)
            .setTenant("default")
            .setStatus(Status.EDITED)
            .setRequest(
                EditRequested.newBuilder()
                    .setRequestId(id)
                    .setSource("s3://pictures/a.png")
                    .setInstruction(instruction)
                    .setRequestedAt(Instant.ofEpochMilli(1))
                    .build())
            .setResult(
                EditResult.newBuilder()
                    .setOutput("s3://edited/default/" + id + ".png")
                    .setBytes(1)
                    .setSha256("00")
                    .setWidth(8)
                    .setHeight(8)
                    .build())
            .setCost(
                Cost.newBuilder()
                    .setQueued(0)
                    .setFetched(0)
                    .setRead(0)
                    .setDenoised(0)
                    .setDeveloped(0)
                    .setStored(0)
                    .setBatch(1)
                    .setAttempts(1)
                    .build())
            .setWorker("w")
            .setModel("m")
            .setVersion("v")
            .setSeed(0)
            .setFinishedAt(Instant.now())
            .build();
    return requireNonNull(serializer.serialize(Topics.OUTCOMES, outcome));
  }
}
