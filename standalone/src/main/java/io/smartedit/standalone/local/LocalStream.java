package io.smartedit.standalone.local;

import io.smartedit.SmartEdit;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.sink.ResultsSink;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.Engine;
import io.smartedit.worker.SmartEditEngine;
import io.smartedit.worker.Worker;
import io.smartedit.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;

/** The whole product in one process: a local cluster, one worker, the sink. */
public final class LocalStream implements AutoCloseable {

  /** Sources are uploaded here. */
  public static final String INBOX = "pictures";

  /** Results come here. */
  public static final String OUTBOX = "edited";

  private static final long MAX_SOURCE_BYTES = 32L << 20;
  private static final Duration STORE_RETRY = Duration.ofMinutes(2);

  private final LocalCluster cluster;
  private final S3ObjectStore store;
  private final Worker worker;
  private final ResultsSink sink;

  private LocalStream(
      LocalCluster cluster, Path folder, Engine engine, String modelName, int batch) {
    this.cluster = cluster;
    LocalCluster.Endpoints endpoints = cluster.endpoints();
    store = endpoints.store();
    store.ensureBucket(INBOX);
    store.ensureBucket(OUTBOX);
    SchemaRegistry registry = new HttpSchemaRegistry(endpoints.registry(), null);
    worker =
        new Worker(
            settings(endpoints.bootstrap(), "worker-1", modelName, batch),
            registry,
            store,
            engine,
            Clock.systemUTC());
    sink = new ResultsSink(endpoints.bootstrap(), "results-sink", folder.resolve("sink"), registry);
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
    LocalCluster cluster = LocalCluster.start(folder);
    return new LocalStream(cluster, folder, new SmartEditEngine(editor), modelName, batch);
  }

  /** A local worker's settings. */
  public static WorkerSettings settings(
      String bootstrap, String workerId, String modelName, int batch) {
    return new WorkerSettings(
        bootstrap,
        "gpu-workers",
        workerId,
        OUTBOX,
        Set.of(INBOX, OUTBOX),
        MAX_SOURCE_BYTES,
        Math.max(16, 2 * batch),
        batch,
        STORE_RETRY,
        modelName);
  }

  public LocalCluster.Endpoints endpoints() {
    return cluster.endpoints();
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

  /** Drains the worker, then ends the sink and the cluster. */
  @Override
  public void close() throws IOException {
    worker.close();
    sink.close();
    store.close();
    cluster.close();
  }
}
