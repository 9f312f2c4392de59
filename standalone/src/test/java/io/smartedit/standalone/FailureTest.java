package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.FailureKind;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.standalone.FlakyProxy.Mood;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalKafka;
import io.smartedit.standalone.local.LocalRegistry;
import io.smartedit.standalone.local.LocalS3;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.ImageEditor;
import io.smartedit.worker.Worker;
import io.smartedit.worker.WorkerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broker, store and sink fail under the worker; every request still ends in exactly one event. */
final class FailureTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(3);

  @TempDir private Path folder = Path.of("");

  private final Map<String, List<SpecificRecord>> terminal = new HashMap<>();
  private final int kafkaPort = freePort();
  private final int controllerPort = freePort();
  private LocalKafka kafka;
  private LocalRegistry registry;
  private LocalS3 s3;
  private FlakyProxy proxy;
  private Endpoints endpoints;
  private S3ObjectStore store;
  private SchemaRegistry schemas;

  @BeforeEach
  void start() throws IOException {
    kafka = LocalKafka.start(folder.resolve("kafka"), kafkaPort, controllerPort);
    kafka.createTopics();
    registry = LocalRegistry.start(kafka.bootstrap(), freePort());
    s3 = LocalS3.start(folder.resolve("s3"), freePort());
    proxy = new FlakyProxy(s3.endpoint());
    endpoints =
        new Endpoints(
            kafka.bootstrap(),
            registry.url(),
            proxy.url(),
            LocalS3.ACCESS_KEY,
            LocalS3.SECRET_KEY,
            "");
    schemas = new HttpSchemaRegistry(endpoints.registry(), null);
    store = new S3ObjectStore(s3.endpoint(), LocalS3.ACCESS_KEY, LocalS3.SECRET_KEY, STORE_TIMEOUT);
    store.ensureBucket(LocalStream.INBOX);
    store.ensureBucket(LocalStream.OUTBOX);
    store.write(source(), Files.readAllBytes(TOY.resolve("source.png")), "image/png", Map.of());
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
    proxy.close();
    s3.close();
    registry.close();
    kafka.close();
  }

  @Test
  void aStoreThatFailsHangsAndIsGoneCostsTimeOnly() throws Exception {
    try (ResultsSink sink = sink();
        S3ObjectStore flaky = flaky();
        Worker worker = worker(flaky, "30s", 1);
        EventStream events = new EventStream(endpoints, false);
        Requests requests = new Requests(endpoints)) {
      sink.start();
      worker.start();
      for (Mood mood : List.of(Mood.ERROR, Mood.HANG, Mood.GONE)) {
        proxy.become(mood);
        List<EditRequested> all = send(requests, 6);
        Thread.sleep(8000);
        assertThat(count(events)).as("while the store is in the mood %s", mood).isZero();
        proxy.become(Mood.PASS);
        assertCompleted(events, all);
        terminal.clear();
      }
    }
  }

  @Test
  void aStoreThatStaysAwayFailsTheRequestAndSaysSo() throws Exception {
    try (ResultsSink sink = sink();
        S3ObjectStore flaky = flaky();
        Worker worker = worker(flaky, "4s", 1);
        EventStream events = new EventStream(endpoints, false);
        Requests requests = new Requests(endpoints)) {
      sink.start();
      worker.start();
      proxy.become(Mood.GONE);

      EditRequested request = send(requests, 1).get(0);

      await("the event").atMost(LIMIT).until(() -> count(events) == 1);
      EditFailed failed = (EditFailed) only(request);
      assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.EXTERNAL);
      assertThat(failed.getFailure().getMessage()).contains("no proper answer for 4 s");
    }
  }

  /** Whoever runs the worker can mend that, and no sender. */
  @Test
  void keysThatTheStoreRefusesRejectNothing() throws Exception {
    try (ResultsSink sink = sink();
        S3ObjectStore refused =
            new S3ObjectStore(s3.endpoint(), LocalS3.ACCESS_KEY, "wrong", STORE_TIMEOUT);
        EventStream events = new EventStream(endpoints, false);
        Requests requests = new Requests(endpoints)) {
      sink.start();
      List<EditRequested> all;
      try (Worker worker = worker(refused, "1s", 1)) {
        worker.start();
        await("the worker").atMost(LIMIT).until(worker::isReady);
        all = send(requests, 3);
        await("what there is to mend")
            .atMost(LIMIT)
            .until(
                () -> worker.notReady().filter(reason -> reason.contains("results: ")).isPresent());
        assertThat(count(events)).isZero();
      }

      try (Worker mended = worker(store, "30s", 1)) {
        mended.start();
        assertCompleted(events, all);
      }
    }
  }

  @Test
  void aRestartedBrokerCostsTimeOnly() throws Exception {
    try (ResultsSink sink = sink();
        Worker worker = worker(store, "30s", 3);
        Requests requests = new Requests(endpoints)) {
      sink.start();
      worker.start();
      List<EditRequested> all = send(requests, 12);
      Thread.sleep(3000);

      kafka.close();
      Thread.sleep(8000);
      kafka = LocalKafka.start(folder.resolve("kafka"), kafkaPort, controllerPort);
      all.addAll(send(requests, 4));

      try (EventStream events = new EventStream(endpoints, true)) {
        assertCompleted(events, all);
      }
      assertThat(worker.death()).isEmpty();
    }
  }

  @Test
  void anEditLongerThanEveryTimeoutIsTakenOnce() throws Exception {
    try (ResultsSink sink = sink();
        Worker worker = worker(store, "30s", 15);
        EventStream events = new EventStream(endpoints, false);
        Requests requests = new Requests(endpoints)) {
      sink.start();
      worker.start();

      List<EditRequested> all = send(requests, 1);

      assertCompleted(events, all);
      EditCompleted completed = (EditCompleted) only(all.get(0));
      assertThat(completed.getCost().getDenoised()).isGreaterThan(14);
      assertThat(completed.getCost().getAttempts()).isEqualTo(1);
    }
  }

  @Test
  void aKilledSinkLosesAndRepeatsNothing() throws Exception {
    try (Worker worker = worker(store, "30s", 1);
        EventStream events = new EventStream(endpoints, false);
        Requests requests = new Requests(endpoints)) {
      worker.start();
      Process first = sinkProcess();
      List<EditRequested> all = send(requests, 20);
      await("some events").atMost(LIMIT).until(() -> count(events) >= 5);

      first.destroyForcibly().waitFor();
      all.addAll(send(requests, 5));
      Process second = sinkProcess();

      assertCompleted(events, all);
      second.destroy();
      second.waitFor();
    }
  }

  private Process sinkProcess() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.smartedit.sink.SinkMain",
                "sink.state=" + folder.resolve("sink"),
                "http.port=0",
                "kafka.client.session.timeout.ms=6000"));
    endpoints.settings().forEach((name, value) -> command.add(name + "=" + value));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("sink-" + System.nanoTime() + ".log").toFile())
        .start();
  }

  private ResultsSink sink() {
    Map<String, String> given = new HashMap<>(endpoints.settings());
    given.put("sink.state", folder.resolve("sink").toString());
    given.put("http.port", "0");
    return new ResultsSink(SinkSettings.of(Settings.read(SinkSettings.DECLARED, given)), schemas);
  }

  private S3ObjectStore flaky() {
    return new S3ObjectStore(proxy.url(), LocalS3.ACCESS_KEY, LocalS3.SECRET_KEY, STORE_TIMEOUT);
  }

  private Worker worker(S3ObjectStore through, String retry, int seconds) {
    Map<String, String> given = new HashMap<>(endpoints.settings());
    given.put("worker.id", "w-1");
    given.put("http.port", "0");
    given.put("store.retry", retry);
    given.put("kafka.client.session.timeout.ms", "6000");
    given.put("kafka.client.max.poll.interval.ms", "6000");
    given.put("kafka.client.transaction.timeout.ms", "6000");
    // So that a broker that is away for seconds is away for longer than any client waits.
    given.put("kafka.client.request.timeout.ms", "1500");
    given.put("kafka.client.default.api.timeout.ms", "2000");
    given.put("kafka.client.max.block.ms", "2000");
    WorkerSettings settings =
        WorkerSettings.of(Settings.read(WorkerSettings.DECLARED, given), "slow");
    return new Worker(settings, schemas, through, new Slow(seconds), Clock.systemUTC());
  }

  private List<EditRequested> send(Requests requests, int count) {
    List<EditRequested> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      EditRequested request =
          EditRequested.newBuilder()
              .setRequestId(UUID.randomUUID().toString())
              .setSource(source().toString())
              .setSessionId("s-" + i)
              .setInstruction("change nothing")
              .setRequestedAt(Instant.now())
              .build();
      requests.send(request);
      all.add(request);
    }
    return all;
  }

  private void assertCompleted(EventStream events, List<EditRequested> all) {
    await("all events").atMost(LIMIT).until(() -> count(events) >= all.size());
    Instant quiet = Instant.now().plusSeconds(2);
    while (Instant.now().isBefore(quiet)) {
      count(events);
    }
    for (EditRequested request : all) {
      assertThat(terminal.getOrDefault(request.getRequestId(), List.of()))
          .as(request.getRequestId())
          .singleElement()
          .isInstanceOf(EditCompleted.class);
    }
  }

  private SpecificRecord only(EditRequested request) {
    List<SpecificRecord> own = terminal.getOrDefault(request.getRequestId(), List.of());
    assertThat(own).hasSize(1);
    return own.get(0);
  }

  private int count(EventStream events) {
    events.poll(
        event -> {
          if (event instanceof EditCompleted || event instanceof EditFailed) {
            terminal.computeIfAbsent((String) event.get(0), id -> new ArrayList<>()).add(event);
          }
        });
    return terminal.size();
  }

  private static ObjectName source() {
    return new ObjectName(LocalStream.INBOX, "source.png");
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes nothing and takes a second a step. */
  private static final class Slow implements ImageEditor {
    private final int seconds;

    private Slow(int seconds) {
      this.seconds = seconds;
    }

    @Override
    public EditOptions defaults() {
      return EditOptions.DEFAULT;
    }

    @Override
    public void warmUp() {}

    @Override
    public PreparedRequest prepare(EditRequest request) {
      return PreparedRequest.of(request, request.source().view(), request.source().view());
    }

    @Override
    public Edit begin(PreparedRequest request) {
      return new Sleeping(request.working());
    }

    @Override
    public void step(List<Edit> edits) {
      try {
        Thread.sleep(1000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      edits.forEach(edit -> ((Sleeping) edit).step++);
    }

    @Override
    public void close() {}

    private final class Sleeping implements Edit {
      private final Image image;
      private int step;

      private Sleeping(Image image) {
        this.image = image;
      }

      @Override
      public boolean isDone() {
        return step >= seconds;
      }

      @Override
      public int step() {
        return step;
      }

      @Override
      public int steps() {
        return seconds;
      }

      @Override
      public Image decode() {
        return image;
      }

      @Override
      public void close() {}
    }
  }
}
