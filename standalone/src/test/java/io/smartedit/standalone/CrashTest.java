package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.standalone.local.LocalCluster;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes are killed; every accepted request still ends in exactly one terminal event. */
final class CrashTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder = Path.of("");

  private final List<Process> processes = new ArrayList<>();
  private final Map<String, List<SpecificRecord>> terminal = new HashMap<>();
  private int stepsSeen;
  private String intake = "partitions";
  private LocalCluster cluster;
  private S3ObjectStore store;
  private ResultsSink sink;

  @BeforeEach
  void start() throws IOException {
    cluster = LocalCluster.start(folder.resolve("data"));
    store = cluster.endpoints().store();
    store.ensureBucket(LocalStream.INBOX);
    store.ensureBucket(LocalStream.OUTBOX);
    store.write(source(), Files.readAllBytes(TOY.resolve("source.png")), "image/png", Map.of());
    Map<String, String> given = new HashMap<>(cluster.endpoints().settings());
    given.put("sink.state", folder.resolve("sink").toString());
    given.put("http.port", "0");
    sink =
        new ResultsSink(
            SinkSettings.of(Settings.read(SinkSettings.DECLARED, given)),
            new HttpSchemaRegistry(cluster.endpoints().registry(), null));
    sink.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    sink.close();
    store.close();
    cluster.close();
  }

  private void killMidEdit(Process worker, EventStream events) throws InterruptedException {
    await("the first steps")
        .atMost(LIMIT)
        .until(
            () -> {
              events.poll(this::keep);
              return stepsSeen > 0;
            });
    worker.destroyForcibly().waitFor();
  }

  @Test
  void aWorkerKilledMidEditLosesNothing() throws Exception {
    try (EventStream events = new EventStream(cluster.endpoints(), false);
        Requests requests = new Requests(cluster.endpoints())) {
      List<EditRequested> all = send(requests, 8, 60);
      killMidEdit(worker("w-1"), events);
      worker("w-1");

      assertOneEventEach(events, all);
    }
  }

  @Test
  void editsOfAKilledWorkerOfAShareGroupAreDoneByAnother() throws Exception {
    intake = "share";
    try (EventStream events = new EventStream(cluster.endpoints(), false);
        Requests requests = new Requests(cluster.endpoints())) {
      List<EditRequested> all = send(requests, 4, 40);
      killMidEdit(worker("w-1"), events);
      worker("w-2");

      assertOneEventEach(events, all);
      assertThat(terminal.values())
          .extracting(own -> (EditCompleted) own.get(0))
          .anySatisfy(
              event -> {
                assertThat(event.getWorker()).isEqualTo("w-2");
                assertThat(event.getCost().getAttempts()).as("once in each device").isEqualTo(2);
              });
    }
  }

  @Test
  void workersThatComeAndGoUnderLoadLoseNothing() throws Exception {
    try (EventStream events = new EventStream(cluster.endpoints(), false);
        Requests requests = new Requests(cluster.endpoints())) {
      List<EditRequested> all = send(requests, 30, 10);
      Process first = worker("w-1");
      await("a third of the events").atMost(LIMIT).until(() -> count(events) >= all.size() / 3);

      worker("w-2");
      await("half of the events").atMost(LIMIT).until(() -> count(events) >= all.size() / 2);
      first.destroy(); // SIGTERM: drains

      assertOneEventEach(events, all);
      assertThat(first.waitFor()).as("ended by SIGTERM after its drain").isEqualTo(143);
    }
  }

  @Test
  void aRequestThatKillsTheWorkerThreeTimesFailsAsPoisonAndTheRestFlows() throws Exception {
    try (EventStream events = new EventStream(cluster.endpoints(), false);
        Requests requests = new Requests(cluster.endpoints())) {
      EditRequested poison = send(requests, 1, 500).get(0);
      for (int death = 0; death < 3; death++) {
        int before = stepsSeen;
        Process victim = worker("w-1");
        await("a step of the poison")
            .atMost(LIMIT)
            .until(
                () -> {
                  events.poll(this::keep);
                  return stepsSeen > before;
                });
        victim.destroyForcibly().waitFor();
      }
      List<EditRequested> rest = send(requests, 3, 2);

      worker("w-1");

      await("all events").atMost(LIMIT).until(() -> count(events) == 4);
      assertThat(terminal.get(poison.getRequestId()))
          .singleElement()
          .satisfies(
              event ->
                  assertThat(((EditFailed) event).getFailure().getMessage())
                      .contains("died 3 times"));
      rest.forEach(
          request ->
              assertThat(terminal.get(request.getRequestId()))
                  .singleElement()
                  .isInstanceOf(EditCompleted.class));
    }
  }

  @Test
  void aRestartedClusterKeepsEverything() throws Exception {
    try (Requests requests = new Requests(cluster.endpoints())) {
      send(requests, 2, 2);
    }
    LocalCluster.Endpoints before = cluster.endpoints();
    sink.close();
    store.close();
    cluster.close();

    start();

    assertThat(cluster.endpoints()).isEqualTo(before);
    worker("w-1");
    try (EventStream events = new EventStream(cluster.endpoints(), true)) {
      await("both events").atMost(LIMIT).until(() -> count(events) == 2);
    }
    assertThat(terminal.values()).allMatch(events -> events.get(0) instanceof EditCompleted);
  }

  private void assertOneEventEach(EventStream events, List<EditRequested> all) {
    await("all events").atMost(LIMIT).until(() -> count(events) == all.size());
    Instant quiet = Instant.now().plusSeconds(3);
    while (Instant.now().isBefore(quiet)) {
      events.poll(this::keep);
    }
    for (EditRequested request : all) {
      List<SpecificRecord> own = terminal.getOrDefault(request.getRequestId(), List.of());
      assertThat(own).hasSize(1);
      EditCompleted completed = (EditCompleted) own.get(0);
      byte[] image = store.read(ObjectName.parse(completed.getResult().getOutput()), 1 << 20);
      assertThat(ImageCodec.decode(image, ImageLimits.DEFAULT)).hasToString("Image[97x75]");
    }
  }

  private int count(EventStream events) {
    events.poll(this::keep);
    return terminal.size();
  }

  private void keep(SpecificRecord event) {
    if (event instanceof EditCompleted completed) {
      terminal.computeIfAbsent(completed.getRequestId(), id -> new ArrayList<>()).add(event);
    } else if (event instanceof EditFailed failed) {
      terminal.computeIfAbsent(failed.getRequestId(), id -> new ArrayList<>()).add(event);
    } else if (event instanceof EditProgress) {
      stepsSeen++;
    }
  }

  private List<EditRequested> send(Requests requests, int count, int steps) {
    List<EditRequested> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      EditRequested request =
          EditRequested.newBuilder()
              .setRequestId(UUID.randomUUID().toString())
              .setSource(source().toString())
              .setSessionId("s-" + i)
              .setInstruction("remove the smaller cat")
              .setOptions(EditSettings.newBuilder().setSteps(steps).setSize(64).build())
              .setRequestedAt(Instant.now())
              .build();
      requests.send(request);
      all.add(request);
    }
    return Collections.unmodifiableList(all);
  }

  private static ObjectName source() {
    return new ObjectName(LocalStream.INBOX, "source.png");
  }

  private Process worker(String id) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.smartedit.standalone.Main",
                "run",
                "gpu-worker",
                "model.folder=" + TOY,
                "worker.id=" + id,
                "worker.intake=" + intake,
                "http.port=0",
                // So that the group soon notices a death.
                "kafka.client.session.timeout.ms=10000"));
    cluster.endpoints().settings().forEach((name, value) -> command.add(name + "=" + value));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve(id + "-" + processes.size() + ".log").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }
}
