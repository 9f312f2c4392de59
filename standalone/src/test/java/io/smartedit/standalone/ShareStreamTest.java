package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSettings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.standalone.local.LocalCluster;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.Worker;
import io.smartedit.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that read through a share group: on one partition, and with short locks. */
final class ShareStreamTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration LOCK = Duration.ofSeconds(2);
  private static final int WORKERS = 16;

  @TempDir private Path folder = Path.of("");

  private final HeldEditor.Hand hand = new HeldEditor.Hand();
  private final Map<String, List<SpecificRecord>> terminal = new HashMap<>();
  private final List<Worker> workers = new ArrayList<>();
  private LocalCluster cluster;
  private S3ObjectStore store;
  private ResultsSink sink;

  @BeforeEach
  void start() throws Exception {
    TopicSettings onePartition =
        TopicSettings.of(
            Settings.read(
                TopicSettings.DECLARED,
                Map.of("kafka.partitions", "1", "kafka.result-partitions", "1")));
    cluster = LocalCluster.start(folder.resolve("data"), onePartition);
    setLock();
    store = cluster.endpoints().store();
    store.ensureBucket(LocalStream.INBOX);
    store.ensureBucket(LocalStream.OUTBOX);
    store.write(source(), Files.readAllBytes(TOY.resolve("source.png")), "image/png", Map.of());
    sink =
        new ResultsSink(
            SinkSettings.of(
                settings(
                    SinkSettings.DECLARED,
                    Map.of(
                        "sink.state",
                        folder.resolve("sink").toString(),
                        "kafka.result-partitions",
                        "1"))),
            new HttpSchemaRegistry(cluster.endpoints().registry(), null));
    sink.start();
  }

  @AfterEach
  void stop() throws IOException {
    hand.letGo("long");
    workers.parallelStream().forEach(Worker::close);
    sink.close();
    store.close();
    cluster.close();
  }

  @Test
  void sixteenWorkersWorkOnOnePartitionAndNoEditOutlastsItsLock() throws Exception {
    try (EventStream events = new EventStream(cluster.endpoints(), false);
        Requests requests = new Requests(cluster.endpoints())) {
      for (int i = 0; i < WORKERS; i++) {
        worker("w-" + i, 1);
      }
      List<EditRequested> all = send(requests, WORKERS, "long");

      await("all are begun at once").atMost(LIMIT).until(() -> hand.begun().size() == WORKERS);
      Instant later = Instant.now().plus(LOCK.multipliedBy(4));
      await("four locks' time").atMost(LIMIT).until(() -> Instant.now().isAfter(later));
      hand.letGo("long");

      assertCompleted(events, all);
      assertThat(hand.begun()).as("none was delivered a second time").hasSize(WORKERS);
    }
  }

  private void assertCompleted(EventStream events, List<EditRequested> all) {
    await("all events").atMost(LIMIT).until(() -> count(events) == all.size());
    for (EditRequested request : all) {
      assertThat(terminal.get(request.getRequestId()))
          .singleElement()
          .isInstanceOfSatisfying(
              EditCompleted.class, event -> assertThat(event.getCost().getAttempts()).isEqualTo(1));
    }
  }

  private int count(EventStream events) {
    events.poll(
        event -> {
          if (event instanceof EditCompleted completed) {
            keep(completed.getRequestId(), event);
          } else if (event instanceof EditFailed failed) {
            keep(failed.getRequestId(), event);
          }
        });
    return terminal.size();
  }

  private void keep(String id, SpecificRecord event) {
    terminal.computeIfAbsent(id, key -> new ArrayList<>()).add(event);
  }

  private static List<EditRequested> send(Requests requests, int count, String instruction) {
    List<EditRequested> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      EditRequested request =
          EditRequested.newBuilder()
              .setRequestId(UUID.randomUUID().toString())
              .setSource(source().toString())
              .setInstruction(instruction)
              .setRequestedAt(Instant.now())
              .build();
      requests.send(request);
      all.add(request);
    }
    return all;
  }

  private Worker worker(String id, int batch) {
    Worker worker =
        new Worker(
            WorkerSettings.of(
                settings(
                    WorkerSettings.DECLARED,
                    Map.of(
                        "worker.id",
                        id,
                        "worker.intake",
                        "share",
                        "worker.batch",
                        Integer.toString(batch))),
                "none"),
            new HttpSchemaRegistry(cluster.endpoints().registry(), null),
            store,
            new HeldEditor(hand),
            Clock.systemUTC());
    workers.add(worker);
    worker.start();
    return worker;
  }

  private Settings settings(
      List<io.smartedit.service.Setting<?>> declared, Map<String, String> own) {
    Map<String, String> given = new HashMap<>(cluster.endpoints().settings());
    given.put("http.host", "127.0.0.1");
    given.put("http.port", "0");
    given.putAll(own);
    return Settings.read(declared, given);
  }

  private void setLock() throws Exception {
    ConfigResource group =
        new ConfigResource(ConfigResource.Type.GROUP, "gpu-workers-edits.requested");
    ConfigEntry lock =
        new ConfigEntry("share.record.lock.duration.ms", Long.toString(LOCK.toMillis()));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.endpoints().bootstrap()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(group, List.of(new AlterConfigOp(lock, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  private static ObjectName source() {
    return new ObjectName(LocalStream.INBOX, "source.png");
  }
}
