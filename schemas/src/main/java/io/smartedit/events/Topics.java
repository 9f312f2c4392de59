package io.smartedit.events;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The topics: the one place for names, partitions and retention. */
public final class Topics {

  public static final String REQUESTED = "edits.requested";

  /** Of requests that have the largest share of the workers. */
  public static final String HIGH = "edits.requested.high";

  /** Of requests that have the smallest share. */
  public static final String BULK = "edits.requested.bulk";

  /** All topics of requests that name no model, the largest share first. */
  public static final List<String> OF_REQUESTS = List.of(HIGH, REQUESTED, BULK);

  /** Requests that name a model, on their way to the topics of that model. */
  public static final String NAMED = "edits.requested.named";

  /** All topics on which requests are put, from wherever they come. */
  public static final List<String> ENTRIES = List.of(HIGH, REQUESTED, BULK, NAMED);

  /** What each worker serves: the newest of each, by worker. */
  public static final String WORKERS = "workers.models";

  /**
   * How many requests wait for each model that nobody serves: the newest, by model and partition.
   */
  public static final String WAITING = "models.waiting";

  /** What workers of a share group note of requests before their devices begin. */
  public static final String ATTEMPTS = "edits.attempts";

  /** Where front doors share out what tenants may request. */
  public static final String ALLOWANCES = "ingest.allowances";

  public static final String CANCELLED = "edits.cancelled";
  public static final String OUTCOMES = "edits.outcomes";
  public static final String PROGRESS = "edits.progress";
  public static final String COMPLETED = "edits.completed";
  public static final String FAILED = "edits.failed";
  public static final String METRICS = "edits.metrics";

  /** One event for each batch that has come to its end. */
  public static final String BATCHES = "edits.batches";

  /** What is to become of batches; read by sink and workers. */
  public static final String BATCH_COMMANDS = "edits.batches.commands";

  /** Requests of batches that rest, until the sink puts them back. */
  public static final String BATCH_PARKED = "edits.batches.parked";

  /** The tenants and models that rest: the newest of each, by what rests. */
  public static final String PAUSES = "edits.pauses";

  /** Requests of tenants and models that rest, until the sink puts them back. */
  public static final String PAUSED = "edits.paused";

  /** Results that wait for a verdict. */
  public static final String REVIEW = "edits.review";

  /** What was decided of results. */
  public static final String VERDICTS = "edits.verdicts";

  /** Images that were deleted from the store. */
  public static final String DELETED = "edits.deleted";

  /** Webhooks that nobody took. */
  public static final String DEAD_WEBHOOKS = "edits.webhooks.dead";

  /** Said again within seconds, and stale within a minute, by the broker's clock. */
  private static final Map<String, String> OF_WORKERS =
      Map.of(
          "cleanup.policy",
          "compact,delete",
          "retention.ms",
          Long.toString(Duration.ofHours(1).toMillis()),
          "segment.ms",
          Long.toString(Duration.ofMinutes(10).toMillis()),
          "message.timestamp.type",
          "LogAppendTime");

  /** Counted by the minute, of the broker's clock. */
  private static final Map<String, String> OF_ALLOWANCES =
      Map.of(
          "cleanup.policy",
          "delete",
          "retention.ms",
          Long.toString(Duration.ofMinutes(10).toMillis()),
          "segment.ms",
          Long.toString(Duration.ofMinutes(5).toMillis()),
          "message.timestamp.type",
          "LogAppendTime");

  /** For longer than a request lies on its way to a model. */
  private static final Map<String, String> OF_WAITING =
      Map.of(
          "cleanup.policy",
          "compact,delete",
          "retention.ms",
          Long.toString(Duration.ofDays(8).toMillis()));

  /** Whose a request is that does not say. */
  public static final String DEFAULT_TENANT = "default";

  /** Between a topic of requests and the model whose own topic it is. */
  private static final String OF_MODEL = ".model.";

  private Topics() {}

  /**
   * How many partitions topics are created with.
   *
   * @param requests of the topics of requests: as many workers work at once, at most
   * @param results of the topics whose key is the request's or the batch's id: as many of the
   *     sink's threads work at once, at most
   */
  public record Partitions(int requests, int results) {
    /** Where nothing is said. */
    public static final Partitions DEFAULT = new Partitions(8, 4);
  }

  /**
   * A topic as it is to be created.
   *
   * @param config by Kafka's names
   */
  public record Topic(String name, int partitions, Map<String, String> config) {}

  /** All topics. */
  public static List<Topic> all(Partitions partitions) {
    int results = partitions.results();
    return List.of(
        kept(REQUESTED, partitions.requests(), Duration.ofDays(7)),
        kept(HIGH, partitions.requests(), Duration.ofDays(7)),
        kept(BULK, partitions.requests(), Duration.ofDays(7)),
        kept(NAMED, results, Duration.ofDays(7)),
        new Topic(WORKERS, 1, OF_WORKERS),
        new Topic(WAITING, 1, OF_WAITING),
        kept(ATTEMPTS, 1, Duration.ofHours(6)),
        new Topic(ALLOWANCES, 1, OF_ALLOWANCES),
        new Topic(CANCELLED, 1, Map.of("cleanup.policy", "compact,delete")),
        kept(OUTCOMES, results, Duration.ofDays(7)),
        kept(PROGRESS, results, Duration.ofHours(1)),
        kept(COMPLETED, results, Duration.ofDays(30)),
        kept(FAILED, results, Duration.ofDays(30)),
        new Topic(METRICS, 1, Map.of("cleanup.policy", "compact,delete")),
        kept(BATCHES, results, Duration.ofDays(30)),
        kept(BATCH_COMMANDS, results, Duration.ofDays(8)),
        kept(BATCH_PARKED, results, Duration.ofDays(7)),
        new Topic(PAUSES, 1, Map.of("cleanup.policy", "compact")),
        kept(PAUSED, results, Duration.ofDays(7)),
        kept(REVIEW, results, Duration.ofDays(30)),
        kept(VERDICTS, results, Duration.ofDays(365)),
        kept(DELETED, results, Duration.ofDays(365)),
        kept(DEAD_WEBHOOKS, results, Duration.ofDays(30)));
  }

  /** The topics of requests of one model, which a worker that serves it has created. */
  public static List<Topic> ofModel(String model, Partitions partitions) {
    return OF_REQUESTS.stream()
        .map(topic -> kept(ofModel(topic, model), partitions.requests(), Duration.ofDays(7)))
        .toList();
  }

  /**
   * The topic of one model's requests.
   *
   * @param topic on which such requests lie that name no model
   */
  public static String ofModel(String topic, String model) {
    return topic + OF_MODEL + model;
  }

  /** The topic that a model's own topic is to its model; any other topic itself. */
  public static String withoutModel(String topic) {
    int end = topic.indexOf(OF_MODEL);
    return end < 0 ? topic : topic.substring(0, end);
  }

  /** The model whose own topic it is; empty for any other topic. */
  public static String modelOf(String topic) {
    int end = topic.indexOf(OF_MODEL);
    return end < 0 ? "" : topic.substring(end + OF_MODEL.length());
  }

  /** The registry's subject of what lies on a topic. Models' topics have none of their own. */
  static String subject(String topic) {
    return (topic.contains(OF_MODEL) ? REQUESTED : topic) + "-value";
  }

  /** The topic a request belongs on, whoever sends it. */
  public static String of(EditRequested request) {
    return request.getModel() == null ? byPriority(request) : NAMED;
  }

  /** The topic on which the workers that serve its model take a request. */
  public static String served(EditRequested request) {
    String model = request.getModel();
    String topic = byPriority(request);
    return model == null ? topic : ofModel(topic, model);
  }

  private static String byPriority(EditRequested request) {
    return switch (request.getPriority()) {
      case HIGH -> HIGH;
      case NORMAL -> REQUESTED;
      case BULK -> BULK;
    };
  }

  /**
   * The key of a request: edits of one session keep their order, edits of one image meet in one
   * worker.
   */
  public static String key(EditRequested request) {
    String session = request.getSessionId();
    return session == null ? request.getSource() : session;
  }

  /** The key of what concerns a request by its id; neither part has a slash. */
  public static String idKey(String tenant, String requestId) {
    return tenant + "/" + requestId;
  }

  /** The key of what concerns a batch as a whole; neither part has a slash. */
  public static String batchKey(String tenant, String batch) {
    return tenant + "/" + batch;
  }

  /** The key of a pause, which is its path at the front door, too. */
  public static String pauseKey(PauseScope scope, String name) {
    return switch (scope) {
      case ALL, UNKNOWN -> "all";
      case TENANT -> "tenants/" + name;
      case MODEL -> "models/" + name;
    };
  }

  private static Topic kept(String name, int partitions, Duration retention) {
    return new Topic(
        name,
        partitions,
        Map.of("retention.ms", Long.toString(retention.toMillis()), "cleanup.policy", "delete"));
  }
}
