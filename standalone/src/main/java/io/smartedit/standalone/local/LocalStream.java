package io.smartedit.standalone.local;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.ingest.Ingest;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSettings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.ImageEditor;
import io.smartedit.worker.SmartEditImageEditor;
import io.smartedit.worker.Worker;
import io.smartedit.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The whole product in one process: a local cluster, the front door, one worker, the sink. */
public final class LocalStream implements AutoCloseable {

  /** Sources are uploaded here. */
  public static final String INBOX = "pictures";

  /** Results come here. */
  public static final String OUTBOX = "edited";

  private static final String LOOPBACK = "127.0.0.1";

  private final LocalCluster cluster;
  private final S3ObjectStore store;
  private final Worker worker;
  private final ResultsSink sink;
  private final Ingest ingest;
  private final Map<String, String> given;

  private LocalStream(
      LocalCluster cluster,
      Path folder,
      ImageEditor editor,
      String modelName,
      Map<String, String> given)
      throws IOException {
    this.cluster = cluster;
    this.given = given;
    WorkerSettings workerSettings = workerSettings(modelName);
    SinkSettings sinkSettings =
        SinkSettings.of(
            settings(
                SinkSettings.DECLARED,
                Map.of("sink.state", folder.resolve("sink").toString(), "http.port", "0")));
    store = cluster.endpoints().store();
    sink = new ResultsSink(sinkSettings, registry());
    IngestSettings ingestSettings = ingestSettings();
    for (String bucket :
        List.of(INBOX, OUTBOX, workerSettings.outputBucket(), ingestSettings.uploadBucket())) {
      store.ensureBucket(bucket);
    }
    worker = new Worker(workerSettings, registry(), store, editor, Clock.systemUTC());
    ingest = new Ingest(ingestSettings, registry(), store, Clock.systemUTC());
    worker.start();
    sink.start();
  }

  /**
   * Starts everything over a data folder.
   *
   * @param editor owned from here on
   */
  public static LocalStream start(Path folder, SmartEdit editor, String modelName, int batch)
      throws IOException {
    return start(folder, new SmartEditImageEditor(editor), modelName, batch);
  }

  /** As the other, with anything that edits. */
  public static LocalStream start(Path folder, ImageEditor editor, String modelName, int batch)
      throws IOException {
    return start(folder, editor, modelName, Map.of("worker.batch", Integer.toString(batch)));
  }

  /**
   * As the others, with any settings of the services but those that say where the cluster is.
   *
   * @param given by name; {@code http.host} and {@code http.port} are the front door's
   */
  public static LocalStream start(
      Path folder, ImageEditor editor, String modelName, Map<String, String> given)
      throws IOException {
    LocalCluster cluster = LocalCluster.start(folder, topics(given));
    try {
      return new LocalStream(cluster, folder, editor, modelName, given);
    } catch (RuntimeException | IOException e) {
      cluster.close();
      throw e;
    }
  }

  private static TopicSettings topics(Map<String, String> given) {
    Map<String, String> those = new HashMap<>(given);
    those
        .keySet()
        .removeIf(
            name -> TopicSettings.DECLARED.stream().noneMatch(each -> each.name().equals(name)));
    return TopicSettings.of(Settings.read(TopicSettings.DECLARED, those));
  }

  private WorkerSettings workerSettings(String modelName) {
    Map<String, String> own = new HashMap<>(Map.of("http.port", "0"));
    if (!given.containsKey("worker.id")) {
      own.put("worker.id", "worker-1");
    }
    if (!given.containsKey("worker.in-flight") && given.containsKey("worker.batch")) {
      own.put("worker.in-flight", inFlight(given.getOrDefault("worker.batch", "")));
    }
    return WorkerSettings.of(settings(WorkerSettings.DECLARED, own), modelName);
  }

  /** Twice a batch, so that the next one is ready when one is done. */
  private static String inFlight(String batch) {
    try {
      return Integer.toString(Math.max(16, Math.min(100, 2 * Integer.parseInt(batch.strip()))));
    } catch (NumberFormatException e) {
      return "16"; // that the batch is no number is said where it is read
    }
  }

  private IngestSettings ingestSettings() {
    Map<String, String> own =
        new HashMap<>(Map.of("status.url", "http://127.0.0.1:" + sink.port()));
    own.put("http.host", given.getOrDefault("http.host", LOOPBACK));
    own.put("http.port", given.getOrDefault("http.port", Integer.toString(cluster.httpPort())));
    return IngestSettings.of(settings(IngestSettings.DECLARED, own));
  }

  /** Those of all services that one of them declares. */
  private Settings settings(List<Setting<?>> declared, Map<String, String> own) {
    Map<String, String> all = new HashMap<>(given);
    all.putAll(cluster.endpoints().settings());
    all.put("http.host", LOOPBACK);
    all.putAll(own);
    Set<String> names = new HashSet<>();
    declared.forEach(setting -> names.add(setting.name()));
    all.keySet().removeIf(name -> !names.contains(name) && !name.startsWith(Settings.KAFKA_CLIENT));
    return Settings.read(declared, all);
  }

  private SchemaRegistry registry() {
    LocalCluster.Endpoints endpoints = cluster.endpoints();
    return ClusterSettings.plain(
            endpoints.bootstrap(),
            endpoints.registry(),
            endpoints.s3(),
            new ClusterSettings.S3Keys(endpoints.accessKey(), endpoints.secretKey()))
        .registry();
  }

  /** Where everything is. */
  public LocalCluster.Endpoints endpoints() {
    return cluster.endpoints().withHttp("http://127.0.0.1:" + ingest.port());
  }

  /** Tells scripts that they may begin; to be called when {@link #isReady} says so. */
  public void announce() throws IOException {
    cluster.announce(endpoints());
  }

  /** HTTP side of the worker: health and metrics. */
  public int workerPort() {
    return worker.port();
  }

  /** HTTP side of the sink: status, health and metrics. */
  public int sinkPort() {
    return sink.port();
  }

  /** Whether the model is warm and the sink serves. */
  public boolean isReady() {
    worker
        .death()
        .ifPresent(
            cause -> {
              throw new IllegalStateException("the worker ended: " + cause.getMessage(), cause);
            });
    return worker.isReady() && sink.isReady();
  }

  /** Takes no more requests, drains the worker, then ends the sink and the cluster. */
  @Override
  public void close() throws IOException {
    cluster.withdraw();
    ingest.close();
    worker.close();
    sink.close();
    store.close();
    cluster.close();
  }
}
