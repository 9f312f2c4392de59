package io.smartedit.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Latency;
import io.smartedit.events.ModelWaiting;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.scaler.Scaler;
import io.smartedit.scaler.ScalerSettings;
import io.smartedit.scaler.keda.ExternalScalerGrpc;
import io.smartedit.scaler.keda.GetMetricsRequest;
import io.smartedit.scaler.keda.IsActiveResponse;
import io.smartedit.scaler.keda.MetricValue;
import io.smartedit.scaler.keda.ScaledObjectRef;
import io.smartedit.service.Settings;
import io.smartedit.standalone.local.LocalCluster;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The scaler, asked as KEDA asks it, before a real broker. */
@Timeout(120)
final class ScalerTest {

  /** KEDA's polling interval, of which one must do. */
  private static final Duration LIMIT = Duration.ofSeconds(15);

  @TempDir private Path folder = Path.of("");

  private LocalCluster cluster;
  private Admin admin;
  private KafkaProducer<byte[], byte[]> producer;
  private Scaler scaler;
  private ManagedChannel channel;
  private ExternalScalerGrpc.ExternalScalerBlockingStub keda;

  @BeforeEach
  void start() throws Exception {
    cluster = LocalCluster.start(folder);
    Map<String, Object> kafka = Map.of("bootstrap.servers", cluster.endpoints().bootstrap());
    admin = Admin.create(kafka);
    Map<String, Object> transactional = new HashMap<>(kafka);
    transactional.put("transactional.id", "t");
    producer =
        new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    Map<String, String> given = new HashMap<>(cluster.endpoints().settings());
    given.keySet().removeIf(name -> name.startsWith("s3."));
    given.put("http.port", "0");
    given.put("scaler.grpc-port", "0");
    given.put("scaler.seconds-per-edit", "20");
    ScalerSettings settings = ScalerSettings.of(Settings.read(ScalerSettings.DECLARED, given));
    scaler = new Scaler(settings, settings.cluster().registry(), Clock.systemUTC());
    channel =
        Grpc.newChannelBuilderForAddress(
                "127.0.0.1", scaler.grpcPort(), InsecureChannelCredentials.create())
            .build();
    keda = ExternalScalerGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    scaler.close();
    producer.close();
    admin.close();
    cluster.close();
  }

  @Test
  void theBacklogIsToldInSecondsOfDeviceTimeAndGoesToNothing() throws Exception {
    List<Boolean> pushed = pushed();
    await("nothing").atMost(LIMIT).until(() -> pushed.equals(List.of(false)));
    assertThat(seconds(Map.of())).isZero();

    send(Topics.REQUESTED, 100);
    send(Topics.BULK, 20);
    await("a step of load, at the usual seconds")
        .atMost(LIMIT)
        .until(() -> edits(seconds(Map.of()) / 20, 120));
    assertThat(keda.isActive(object(Map.of())).getResult()).isTrue();

    measured(1, 3, 0.5);
    await("the measured seconds").atMost(LIMIT).until(() -> edits(seconds(Map.of()) / 4.5, 120));

    ended(Topics.BULK);
    ended(Topics.REQUESTED);
    await("nothing again").atMost(LIMIT).until(() -> pushed.equals(List.of(false, true, false)));
    assertThat(seconds(Map.of())).isZero();
  }

  @Test
  void aModelsWorkersHaveABacklogOfTheirOwn() throws Exception {
    String topic = Topics.ofModel(Topics.HIGH, "other");
    admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1)));
    await().atMost(LIMIT).until(() -> admin.listTopics().names().get().contains(topic));
    send(topic, 3);

    await("the model's")
        .atMost(LIMIT)
        .until(() -> edits(seconds(Map.of("model", "other")) / 20, 3));
    assertThat(seconds(Map.of())).isZero();
    assertThat(seconds(Map.of("model", "third"))).isZero();
  }

  /** They lie in no topic of the model's, which may not be there at all. */
  @Test
  void requestsThatWaitInTheSinkForAModelWakeItsWorkers() {
    List<Boolean> pushed = pushed(Map.of("model", "oil"));
    await("nothing").atMost(LIMIT).until(() -> pushed.equals(List.of(false)));

    waits("oil", 0, 3);
    waits("oil", 1, 2);
    waits("sketch", 0, 7);

    await("five at the usual seconds")
        .atMost(LIMIT)
        .until(() -> seconds(Map.of("model", "oil")) == 5 * 20);
    assertThat(seconds(Map.of())).isZero();
    waits("oil", 0, 0);
    waits("oil", 1, 0);
    await("nothing again").atMost(LIMIT).until(() -> pushed.equals(List.of(false, true, false)));
  }

  @Test
  void whatAShareGroupAcknowledgedIsDone() throws Exception {
    send(Topics.HIGH, 6);
    await("six").atMost(LIMIT).until(() -> edits(seconds(Map.of()) / 20, 6));
    String group = "gpu-workers-" + Topics.HIGH;
    ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    AlterConfigOp earliest =
        new AlterConfigOp(
            new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(earliest))).all().get();
    int[] taken = {0};
    try (KafkaShareConsumer<byte[], byte[]> member =
        new KafkaShareConsumer<>(
            Map.of("bootstrap.servers", cluster.endpoints().bootstrap(), "group.id", group),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      member.subscribe(List.of(Topics.HIGH));
      await("all acknowledged, by the next poll")
          .atMost(LIMIT.multipliedBy(2))
          .until(
              () -> {
                taken[0] += member.poll(Duration.ofMillis(500)).count();
                return taken[0] == 6;
              });
      member.commitSync();
    }

    await("nothing").atMost(LIMIT).until(() -> seconds(Map.of()) == 0);
  }

  @Test
  void theTargetIsTheScaledObjects() {
    assertThat(keda.getMetricSpec(object(Map.of())).getMetricSpecs(0).getTargetSizeFloat())
        .isEqualTo(300);
    assertThat(
            keda.getMetricSpec(object(Map.of("secondsPerWorker", "0.5")))
                .getMetricSpecs(0)
                .getTargetSizeFloat())
        .isEqualTo(0.5);
  }

  @Test
  void whatAScaledObjectGetsWrongIsNamed() {
    refused(Map.of("secondsPerWorker", "-1"), "secondsPerWorker is '-1'");
    refused(Map.of("secondsPerWorker", "NaN"), "secondsPerWorker is 'NaN'");
    refused(Map.of("model", "a/b"), "model is 'a/b'");
    refused(Map.of("secondPerWorker", "3"), "secondPerWorker is not known");
  }

  private void refused(Map<String, String> metadata, String why) {
    assertThatThrownBy(() -> keda.isActive(object(metadata)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("INVALID_ARGUMENT: " + why);
  }

  private List<Boolean> pushed() {
    return pushed(Map.of("scalerAddress", "here"));
  }

  private List<Boolean> pushed(Map<String, String> metadata) {
    List<Boolean> pushed = new CopyOnWriteArrayList<>();
    ExternalScalerGrpc.newStub(channel)
        .streamIsActive(
            object(metadata),
            new StreamObserver<>() {
              @Override
              public void onNext(IsActiveResponse answer) {
                pushed.add(answer.getResult());
              }

              @Override
              public void onError(Throwable e) {} // the test is over

              @Override
              public void onCompleted() {}
            });
    return pushed;
  }

  /** The end of a transaction counts as one, in each of the four partitions at most. */
  private static boolean edits(double counted, int sent) {
    return counted >= sent && counted <= sent + 4;
  }

  /** As KEDA reads it; none yet is not a number. */
  private double seconds(Map<String, String> metadata) {
    try {
      List<MetricValue> values =
          keda.getMetrics(
                  GetMetricsRequest.newBuilder().setScaledObjectRef(object(metadata)).build())
              .getMetricValuesList();
      return values.get(0).getMetricValueFloat();
    } catch (StatusRuntimeException e) {
      return Double.NaN;
    }
  }

  private static ScaledObjectRef object(Map<String, String> metadata) {
    return ScaledObjectRef.newBuilder().setName("workers").putAllScalerMetadata(metadata).build();
  }

  /** In a transaction, whose end takes an offset. */
  private void send(String topic, int count) {
    producer.beginTransaction();
    for (int i = 0; i < count; i++) {
      Future<?> sent = producer.send(new ProducerRecord<>(topic, i % 2, null, new byte[0]));
      assertThat(sent).isNotNull(); // the commit waits for it
    }
    producer.commitTransaction();
  }

  /** As a worker commits: behind the last request, and not behind its transaction's end. */
  private void ended(String topic) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
    for (int partition = 0; partition < 2; partition++) {
      long count = topic.equals(Topics.BULK) ? 10 : 50;
      ends.put(new TopicPartition(topic, partition), new OffsetAndMetadata(count));
    }
    admin.alterConsumerGroupOffsets("gpu-workers", ends).all().get();
  }

  private void measured(double read, double denoised, double developed) {
    SchemaRegistry registry = new HttpSchemaRegistry(cluster.endpoints().registry(), null);
    Instant start = Instant.now().truncatedTo(ChronoUnit.MINUTES);
    EditMetrics window =
        EditMetrics.newBuilder()
            .setTenant("default")
            .setModel("mini")
            .setWindowStart(start)
            .setWindowEnd(start.plusSeconds(60))
            .setCounts(Map.of("COMPLETED", 7L))
            .setSeconds(
                Map.of(
                    "read", mean(read), "denoised", mean(denoised), "developed", mean(developed)))
            .build();
    EventSerializer<EditMetrics> serializer = new EventSerializer<>(registry);
    producer.beginTransaction();
    for (byte[] value : List.of(new byte[] {1, 2}, serializer.serialize(Topics.METRICS, window))) {
      Future<?> sent = producer.send(new ProducerRecord<>(Topics.METRICS, new byte[0], value));
      assertThat(sent).isNotNull();
    }
    producer.commitTransaction();
  }

  /** As the sink says it. */
  private void waits(String model, int partition, long requests) {
    SchemaRegistry registry = new HttpSchemaRegistry(cluster.endpoints().registry(), null);
    byte[] value =
        new EventSerializer<ModelWaiting>(registry)
            .serialize(Topics.WAITING, new ModelWaiting(model, partition, requests, Instant.now()));
    producer.beginTransaction();
    Future<?> sent =
        producer.send(
            new ProducerRecord<>(Topics.WAITING, (model + "/" + partition).getBytes(UTF_8), value));
    assertThat(sent).isNotNull();
    producer.commitTransaction();
  }

  private static Latency mean(double seconds) {
    return Latency.newBuilder().setP50(0).setP95(0).setP99(0).setMean(seconds).build();
  }
}
