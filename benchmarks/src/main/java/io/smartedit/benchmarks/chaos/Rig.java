package io.smartedit.benchmarks.chaos;

import io.smartedit.benchmarks.chaos.FaultyProxy.Mood;
import io.smartedit.standalone.local.LocalS3;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole stream, each part a process of its own: broker, registry, S3 server, workers, sinks and
 * front door. Services reach registry and store through proxies that can be told to misbehave, and
 * where this user may mount file systems, the store's folder and a sink's lie on small disks.
 */
final class Rig implements AutoCloseable {

  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);
  private static final int DISK_MEGABYTES = 400;
  private static final int STARTS = 300;
  private static final String STANDALONE = "io.smartedit.standalone.Main";

  private final Path folder;
  private final Path logs;
  private final int brokerPort = freePort();
  private final int registryPort = freePort();
  private final int storePort = freePort();
  private final FaultyProxy registryProxy;
  private final FaultyProxy storeProxy;
  private final Optional<SmallDisk> storeDisk;
  private final Optional<SmallDisk> sinkDisk;
  private final ServiceProcess broker;
  private final ServiceProcess registry;
  private final ServiceProcess store;
  private final List<ServiceProcess> workers = new ArrayList<>();
  private final List<ServiceProcess> sinks = new ArrayList<>();
  private final List<Integer> workerPorts = new ArrayList<>();
  private final List<Integer> sinkPorts = new ArrayList<>();
  private final ServiceProcess ingest;
  private final int ingestPort = freePort();

  /**
   * How the rig is built.
   *
   * @param workerHeap as {@code 256m}
   * @param model a real model's folder; none for an engine that changes nothing
   * @param workerSettings besides those of the cluster, {@code NAME=VALUE} each
   * @param smallDisks whether folders of the store and a sink lie on disks that can be filled up
   */
  record Layout(
      int workers,
      int sinks,
      String workerHeap,
      Duration step,
      @Nullable Path model,
      List<String> workerSettings,
      boolean smallDisks) {}

  /** Makes the processes; {@link #start} starts them. */
  Rig(Path folder, Layout layout) throws IOException, InterruptedException {
    this.folder = Files.createDirectories(folder).toAbsolutePath();
    logs = Files.createDirectories(this.folder.resolve("logs"));
    registryProxy = new FaultyProxy(0, registryPort);
    storeProxy = new FaultyProxy(0, storePort);
    storeDisk = disk(layout, "store");
    sinkDisk = disk(layout, "sink-1");
    broker = part("broker", "-Xmx400m", "broker", path("kafka"), brokerPort + "", freePort() + "");
    registry = part("registry", "-Xmx96m", "registry", bootstrap(), registryPort + "");
    store = part("store", "-Xmx256m", "store", path("store"), storePort + "");
    for (int i = 1; i <= layout.workers(); i++) {
      workers.add(worker(i, layout));
    }
    for (int i = 1; i <= layout.sinks(); i++) {
      sinks.add(sink(i));
    }
    List<String> settings = new ArrayList<>(List.of("run", "ingest", "http.port=" + ingestPort));
    settings.add("http.host=127.0.0.1");
    settings.add("status.url=http://127.0.0.1:" + sinkPorts.get(0));
    settings.addAll(cluster());
    ingest = new ServiceProcess("ingest", logs, List.of("-Xmx128m"), STANDALONE, settings);
  }

  private Optional<SmallDisk> disk(Layout layout, String name)
      throws IOException, InterruptedException {
    return layout.smallDisks()
        ? SmallDisk.mount(folder.resolve(name), DISK_MEGABYTES)
        : Optional.empty();
  }

  private ServiceProcess part(String name, String heap, String... arguments) {
    return new ServiceProcess(
        name, logs, List.of(heap), LocalPart.class.getName(), List.of(arguments));
  }

  private ServiceProcess worker(int number, Layout layout) {
    int port = freePort();
    workerPorts.add(port);
    List<String> settings =
        new ArrayList<>(
            List.of("worker.id=worker-" + number, "http.port=" + port, "http.host=127.0.0.1"));
    settings.addAll(cluster());
    settings.addAll(layout.workerSettings());
    List<String> jvm =
        List.of(
            "-Xmx" + layout.workerHeap(),
            layout.model() == null
                ? "-Dchaos.step=" + layout.step().toMillis()
                : "-Dchaos.model=" + layout.model());
    return new ServiceProcess("worker-" + number, logs, jvm, ChaosWorker.class.getName(), settings);
  }

  private ServiceProcess sink(int number) {
    int port = freePort();
    sinkPorts.add(port);
    List<String> settings =
        new ArrayList<>(
            List.of(
                "run",
                "results-sink",
                "sink.state=" + path("sink-" + number),
                "http.port=" + port,
                "http.host=127.0.0.1",
                "http.advertised=127.0.0.1:" + port));
    settings.addAll(cluster());
    return new ServiceProcess("sink-" + number, logs, List.of("-Xmx256m"), STANDALONE, settings);
  }

  private List<String> cluster() {
    return List.of(
        "kafka.bootstrap=" + bootstrap(),
        "registry.url=" + registryProxy.url(),
        "s3.endpoint=" + storeProxy.url(),
        "s3.access-key=" + LocalS3.ACCESS_KEY,
        "s3.secret-key=" + LocalS3.SECRET_KEY);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Starts everything and waits until it is ready. */
  void start() throws InterruptedException {
    broker.start();
    store.start();
    waitFor("the broker", () -> isOpen(brokerPort));
    registry.start();
    waitFor("the registry", () -> answers("http://127.0.0.1:" + registryPort + "/subjects"));
    waitFor("the store", () -> isOpen(storePort));
    try (S3ObjectStore objects = objects()) {
      objects.ensureBucket(LocalStream.INBOX);
      objects.ensureBucket(LocalStream.OUTBOX);
    }
    sinks.forEach(ServiceProcess::start);
    ingest.start();
    workers.forEach(ServiceProcess::start);
    for (int port : workerPorts) {
      waitFor("a worker", () -> isReady(port));
    }
    for (int port : sinkPorts) {
      waitFor("a sink", () -> isReady(port));
    }
    waitFor("the front door", () -> isReady(ingestPort));
  }

  /** Kinds of fault that cannot be had here. */
  Set<Fault.Kind> impossible() {
    return storeDisk.isPresent() && sinkDisk.isPresent()
        ? EnumSet.noneOf(Fault.Kind.class)
        : EnumSet.of(Fault.Kind.STORE_DISK_FULL, Fault.Kind.SINK_DISK_FULL);
  }

  void begin(Fault fault) throws IOException {
    ServiceProcess worker = workers.get(fault.victim() % workers.size());
    ServiceProcess sink = sinks.get(fault.victim() % sinks.size());
    switch (fault.kind()) {
      case KILL_WORKER -> worker.kill();
      case KILL_ALL_WORKERS -> workers.forEach(ServiceProcess::kill);
      case DRAIN_WORKER -> worker.terminate(false);
      case FREEZE_WORKER -> worker.freeze();
      case KILL_SINK -> sink.kill();
      case FREEZE_SINK -> sink.freeze();
      case KILL_BROKER -> broker.kill();
      case FREEZE_BROKER -> broker.freeze();
      case KILL_STORE -> store.kill();
      case FREEZE_STORE -> store.freeze();
      case KILL_REGISTRY -> registry.kill();
      case KILL_INGEST -> ingest.kill();
      case STORE_ERRORS -> storeProxy.become(Mood.ERROR);
      case STORE_BUSY -> storeProxy.become(Mood.BUSY);
      case STORE_HANGS -> storeProxy.become(Mood.HANG);
      case STORE_SLOW -> storeProxy.become(Mood.SLOW);
      case STORE_CUTS_ANSWERS -> storeProxy.become(Mood.CUT_ANSWERS);
      case STORE_CUTS_UPLOADS -> storeProxy.become(Mood.CUT_REQUESTS);
      case REGISTRY_ERRORS -> registryProxy.become(Mood.ERROR);
      case REGISTRY_HANGS -> registryProxy.become(Mood.HANG);
      case STORE_DISK_FULL -> storeDisk.orElseThrow().fill();
      case SINK_DISK_FULL -> sinkDisk.orElseThrow().fill();
    }
  }

  /** Makes a fault good again. */
  void end(Fault fault) throws IOException {
    switch (fault.kind()) {
      case KILL_WORKER, FREEZE_WORKER -> revive(workers.get(fault.victim() % workers.size()));
      case KILL_ALL_WORKERS -> workers.forEach(Rig::revive);
      case DRAIN_WORKER -> {
        // started again by itself once it has ended
      }
      case KILL_SINK, FREEZE_SINK -> revive(sinks.get(fault.victim() % sinks.size()));
      case KILL_BROKER, FREEZE_BROKER -> revive(broker);
      case KILL_STORE, FREEZE_STORE -> revive(store);
      case KILL_REGISTRY -> revive(registry);
      case KILL_INGEST -> revive(ingest);
      case STORE_ERRORS,
          STORE_BUSY,
          STORE_HANGS,
          STORE_SLOW,
          STORE_CUTS_ANSWERS,
          STORE_CUTS_UPLOADS ->
          storeProxy.become(Mood.PASS);
      case REGISTRY_ERRORS, REGISTRY_HANGS -> registryProxy.become(Mood.PASS);
      case STORE_DISK_FULL -> storeDisk.orElseThrow().free();
      case SINK_DISK_FULL -> sinkDisk.orElseThrow().free();
    }
  }

  private static void revive(ServiceProcess process) {
    process.thaw();
    process.resume();
  }

  /** Starts again what ended by itself. */
  void supervise() {
    all().forEach(ServiceProcess::supervise);
  }

  Stream<ServiceProcess> all() {
    return Stream.of(
            Stream.of(broker, registry, store), workers.stream(), sinks.stream(), Stream.of(ingest))
        .flatMap(same -> same);
  }

  ServiceProcess worker(int number) {
    return workers.get(number);
  }

  boolean isWorkerReady(int number) {
    return isReady(workerPorts.get(number));
  }

  String bootstrap() {
    return "127.0.0.1:" + brokerPort;
  }

  /** The registry itself, not its proxy. */
  String registryUrl() {
    return "http://127.0.0.1:" + registryPort;
  }

  /** The store itself, not its proxy. */
  String storeUrl() {
    return "http://127.0.0.1:" + storePort;
  }

  String ingestUrl() {
    return "http://127.0.0.1:" + ingestPort;
  }

  /** A client of the store itself. */
  S3ObjectStore objects() {
    return new S3ObjectStore(storeUrl(), LocalS3.ACCESS_KEY, LocalS3.SECRET_KEY, STORE_TIMEOUT);
  }

  Path logs() {
    return logs;
  }

  @Override
  public void close() throws IOException {
    all().forEach(ServiceProcess::close);
    registryProxy.close();
    storeProxy.close();
    if (storeDisk.isPresent()) {
      storeDisk.get().close();
    }
    if (sinkDisk.isPresent()) {
      sinkDisk.get().close();
    }
  }

  /** A condition that may fail for want of an answer. */
  interface Condition {
    boolean holds() throws IOException;
  }

  private void waitFor(String what, Condition condition) throws InterruptedException {
    for (int i = 0; i < STARTS * 5; i++) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (IOException e) {
        // not yet
      }
      supervise();
      Thread.sleep(200);
    }
    throw new IllegalStateException(
        what + " was not ready within " + STARTS + " s; its log lies in " + logs);
  }

  private static boolean isReady(int port) {
    try {
      return answers("http://127.0.0.1:" + port + "/ready");
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean answers(String url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setConnectTimeout(1000);
    connection.setReadTimeout(1000);
    return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
  }

  private static boolean isOpen(int port) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
