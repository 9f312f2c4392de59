package io.smartedit.worker;

import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.SourceSettings;
import io.smartedit.service.Traces;
import io.smartedit.service.WorkerGroup;
import io.smartedit.store.SourcePolicy;
import io.smartedit.worker.fair.Shares;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a worker works.
 *
 * @param group consumer group; its members share the partitions
 * @param intake how requests come to workers
 * @param workerId unique among live workers and the same after a restart; fences its own past self
 * @param outputBucket edited images go here
 * @param sources where they may lie
 * @param maxSourceBytes of a source image
 * @param imageBytes what decoded images may take together
 * @param maxInFlight records taken and not yet answered, but for a few of lanes that have none
 * @param batch edits that share a denoising call
 * @param shares of device time, of classes and tenants
 * @param readAhead requests kept in memory to choose the next from
 * @param storeRetry how long a store that does not answer is asked again
 * @param sourceWait how long a request waits for the one whose result is its source
 * @param handOver how long an edit in the device may hold up its partition's move
 * @param drain how long edits in the device are finished after SIGTERM
 * @param modelName said in every outcome, and named by requests that want this model
 * @param servesUnnamed whether requests are taken, too, that name no model
 * @param signing how results are signed
 * @param traces where spans go; empty for nowhere
 * @param port of the HTTP side, 0 for any free one
 */
public record WorkerSettings(
    ClusterSettings cluster,
    String group,
    IntakeKind intake,
    String workerId,
    String outputBucket,
    SourcePolicy sources,
    long maxSourceBytes,
    long imageBytes,
    int maxInFlight,
    BatchChoice batch,
    Shares shares,
    int readAhead,
    Duration storeRetry,
    Duration sourceWait,
    Duration handOver,
    Duration drain,
    String modelName,
    boolean servesUnnamed,
    SigningSettings signing,
    String traces,
    String host,
    int port) {

  private static final Setting<String> ID =
      new Setting<>(
          "worker.id",
          "Unique among live workers, and the same after a restart; this host's name where empty.",
          "",
          id -> id.isEmpty() ? hostName() : id,
          false);
  private static final Setting<IntakeKind> INTAKE =
      new Setting<>(
          "worker.intake",
          "How requests come to workers: `partitions`, whole ones, in their order; or `share`, single"
              + " requests of any partition, through a share group. The same for all workers.",
          "partitions",
          WorkerSettings::readIntake,
          false);
  private static final Setting<String> OUTPUT =
      Setting.text("worker.output-bucket", "Bucket of edited images.", "edited");
  private static final Setting<Long> MAX_SOURCE =
      Setting.bytes("source.max-bytes", "Of one source image.", "33554432", 1, 1L << 30);
  private static final Setting<Duration> SOURCE_WAIT =
      Setting.duration("source.wait", "How long a request waits for the one it builds on.", "10m");
  private static final Setting<Long> IMAGE_BYTES =
      new Setting<>(
          "worker.image-bytes",
          "What images being decoded or encoded may take together; half of the heap where empty.",
          "",
          WorkerSettings::readImageBytes,
          false);
  private static final Setting<Duration> HAND_OVER =
      Setting.duration(
          "worker.hand-over",
          "How long an edit in the device may hold up its partition's move to another worker.",
          "60s");
  private static final Setting<Duration> DRAIN =
      Setting.duration(
          "worker.drain", "How long edits in the device are finished after SIGTERM.", "60s");
  private static final Setting<Integer> IN_FLIGHT =
      Setting.number(
          "worker.in-flight",
          "Requests taken and not yet answered, at most; and up to four of tenants that have none among them.",
          "16",
          1,
          100);
  private static final Setting<BatchChoice> BATCH =
      new Setting<>(
          "worker.batch",
          "Edits of one size that share a denoising call, at most; `auto`: what the worker finds best by memory and time, up to 16.",
          BatchChoice.AUTO,
          BatchChoice::read,
          false);
  private static final Setting<Shares> SHARES =
      new Setting<>(
          "worker.shares",
          "Shares of device time: of classes while they have work, and of tenants within a class as tenant.NAME=WEIGHT (1 where not named).",
          "high=60,normal=30,bulk=10",
          Shares::read,
          false);
  private static final Setting<Integer> READ_AHEAD =
      Setting.number(
          "worker.read-ahead",
          "Requests kept in memory to choose the next from; large ones count as several.",
          "4096",
          32,
          1_000_000);
  private static final Setting<Duration> RETRY =
      Setting.duration(
          "store.retry", "How long a store that does not answer is asked again.", "2m");
  private static final Setting<Boolean> DEFAULT_MODEL =
      Setting.flag(
          "model.default",
          "Whether this worker takes requests, too, that name no model, true or false.",
          "true");
  private static final Setting<String> HOST =
      Setting.text("http.host", "Address the HTTP side listens on.", "0.0.0.0");
  private static final Setting<Integer> PORT =
      Setting.number("http.port", "Its port; 0 for any free one.", "8082", 0, 65_535);

  /** All settings of this service but those of the model. */
  public static final List<Setting<?>> DECLARED = declared();

  /** How requests come to workers. */
  public enum IntakeKind {
    /** Each worker takes whole partitions, in their order. */
    PARTITIONS,
    /** Workers take single requests of any partition, in no order. */
    SHARE
  }

  public WorkerSettings {
    if (!servesUnnamed && !RequestRules.isName(modelName)) {
      throw new IllegalArgumentException(
          "model.default is false and the model's folder is called '"
              + modelName
              + "', by which no request can name it: 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    if (maxInFlight < batch.most() || maxInFlight > 100) {
      throw new IllegalArgumentException(
          "worker.batch is "
              + batch.most()
              + " and worker.in-flight "
              + maxInFlight
              + ", must be 1 <= batch <= in-flight <= 100");
    }
  }

  public static WorkerSettings of(Settings settings, String modelName) {
    return new WorkerSettings(
        ClusterSettings.of(settings),
        settings.get(WorkerGroup.NAME),
        settings.get(INTAKE),
        settings.get(ID),
        settings.get(OUTPUT),
        new SourcePolicy(settings.get(SourceSettings.BUCKETS), settings.get(SourceSettings.HOSTS)),
        settings.get(MAX_SOURCE),
        settings.get(IMAGE_BYTES),
        settings.get(IN_FLIGHT),
        settings.get(BATCH).within(settings.get(IN_FLIGHT)),
        settings.get(SHARES),
        settings.get(READ_AHEAD),
        settings.get(RETRY),
        settings.get(SOURCE_WAIT),
        settings.get(HAND_OVER),
        settings.get(DRAIN),
        modelName,
        settings.get(DEFAULT_MODEL),
        SigningSettings.of(settings),
        settings.get(Traces.ENDPOINT),
        settings.get(HOST),
        settings.get(PORT));
  }

  /** The topics whose requests the worker takes. */
  List<String> topics() {
    List<String> topics = new ArrayList<>(servesUnnamed ? Topics.OF_REQUESTS : List.of());
    modelTopics().forEach(topic -> topics.add(topic.name()));
    return topics;
  }

  /** Those of its model alone; a model whose name is none cannot be asked for by name. */
  List<Topics.Topic> modelTopics() {
    return RequestRules.isName(modelName)
        ? Topics.ofModel(modelName, cluster.topics().partitions())
        : List.of();
  }

  /** The share group of a topic: a broker spreads members over the partitions of all its topics. */
  String shareGroup(String topic) {
    return WorkerGroup.ofShares(group, topic);
  }

  /** Members for normal requests: a batch in the device, and as many whose results are stored. */
  int members() {
    return Math.min(maxInFlight, 2 * batch.usual());
  }

  private static IntakeKind readIntake(String text) {
    return switch (text.strip()) {
      case "partitions" -> IntakeKind.PARTITIONS;
      case "share" -> IntakeKind.SHARE;
      default -> throw new IllegalArgumentException("must be partitions or share");
    };
  }

  private static long readImageBytes(String text) {
    try {
      long bytes = text.isBlank() ? Runtime.getRuntime().maxMemory() / 2 : Long.parseLong(text);
      if (bytes >= 1 << 20) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number of bytes, at least 1048576", e);
    }
    throw new IllegalArgumentException("must be at least 1048576");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("must be given: this host has no name", e);
    }
  }

  private static List<Setting<?>> declared() {
    List<Setting<?>> all = new ArrayList<>(ClusterSettings.DECLARED);
    all.addAll(SigningSettings.DECLARED);
    all.addAll(
        List.of(
            ID,
            WorkerGroup.NAME,
            INTAKE,
            OUTPUT,
            SourceSettings.BUCKETS,
            SourceSettings.HOSTS,
            MAX_SOURCE,
            SOURCE_WAIT,
            IMAGE_BYTES,
            IN_FLIGHT,
            BATCH,
            SHARES,
            READ_AHEAD,
            RETRY,
            HAND_OVER,
            DRAIN,
            DEFAULT_MODEL,
            Traces.ENDPOINT,
            HOST,
            PORT));
    return List.copyOf(all);
  }
}
