package io.smartedit.standalone.local;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.ingest.Ingest;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
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
import java.util.List;
import java.util.Map;

/** The whole product in one process: a local cluster, the front door, one worker, the sink. */
public final class LocalStream implements AutoCloseable {

  /** Sources are uploaded here. */
  public static final String INBOX = "pictures";

  /** Results come here. */
  public static final String OUTBOX = "edited";

  private final LocalCluster cluster;
  private final S3ObjectStore store;
  private final Worker worker;
  private final ResultsSink sink;
  private final Ingest ingest;

  private LocalStream(LocalCluster cluster, Path folder, ImageEditor editor, String modelName, int batch)
      throws IOException {
    this.cluster = cluster;
    store = cluster.endpoints().store();
    store.ensureBucket(INBOX);
    store.ensureBucket(OUTBOX);
    sink =
        new ResultsSink(
            SinkSettings.of(
                settings(
                    SinkSettings.DECLARED,
                    Map.of("sink.state", folder.resolve("sink").toString(), "http.port", "0"))),
            registry());
    WorkerSettings workerSettings =
        WorkerSettings.of(
            settings(
                WorkerSettings.DECLARED,
                Map.of(
                    "worker.id",
                    "worker-1",
                    "worker.batch",
                    Integer.toString(batch),
                    "worker.in-flight",
                    Integer.toString(Math.max(16, 2 * batch)),
                    "http.port",
                    "0")),
            modelName);
    worker = new Worker(workerSettings, registry(), store, editor, Clock.systemUTC());
    IngestSettings ingestSettings =
        IngestSettings.of(
            settings(
                IngestSettings.DECLARED,
                Map.of(
                    "http.port",
                    Integer.toString(cluster.httpPort()),
                    "status.url",
                    "http://127.0.0.1:" + sink.port())));
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
    LocalCluster cluster = LocalCluster.start(folder);
    try {
      return new LocalStream(cluster, folder, editor, modelName, batch);
    } catch (RuntimeException | IOException e) {
      cluster.close();
      throw e;
    }
  }

  private Settings settings(List<Setting<?>> declared, Map<String, String> own) {
    Map<String, String> given = new HashMap<>(cluster.endpoints().settings());
    given.put("http.host", "127.0.0.1");
    given.putAll(own);
    return Settings.read(declared, given);
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

  public LocalCluster.Endpoints endpoints() {
    return cluster.endpoints();
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
    ingest.close();
    worker.close();
    sink.close();
    store.close();
    cluster.close();
  }
}
