package io.smartedit.sink;

import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.TopicSetup;
import io.smartedit.service.Traces;
import io.smartedit.sink.SinkTopology.ReviewRules;
import io.smartedit.sink.SinkTopology.Surroundings;
import io.smartedit.sink.calls.CallHttp;
import io.smartedit.sink.forecast.Backlog;
import io.smartedit.sink.moderation.ModerationSettings;
import io.smartedit.sink.moderation.ModerationTopology;
import io.smartedit.sink.retention.KafkaHorizon;
import io.smartedit.sink.retention.RetentionSettings;
import io.smartedit.sink.retention.RetentionTopology;
import io.smartedit.sink.routing.Knowledge;
import io.smartedit.sink.routing.RoutingSettings;
import io.smartedit.sink.routing.RoutingTopology;
import io.smartedit.sink.routing.StrandedRequests;
import io.smartedit.sink.webhook.WebhookSettings;
import io.smartedit.sink.webhook.WebhookTopology;
import io.smartedit.store.ObjectName;
import io.smartedit.store.PublicAddresses;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.store.S3Settings;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import okhttp3.Dns;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.HostInfo;

/**
 * The sink as a Kafka Streams application, exactly once: each request that a worker answered ends
 * in one event on {@code edits.completed} or {@code edits.failed}; minutes are summed up on {@code
 * edits.metrics}; its HTTP side says what became of a request.
 *
 * <p>A record that is none of ours is logged, counted ({@code smartedit_sink_passed_over_total})
 * and passed over. While the broker, the registry or the disk is away the stream rests, with
 * growing pauses, and goes on by itself.
 */
public final class ResultsSink implements AutoCloseable {

  private static final Duration CLOSING = Duration.ofSeconds(20);

  /** A dead sink's partitions are served again after this; Kafka's own 45 s is for slow members. */
  private static final int SESSION_MILLIS = 10_000;

  /** Each commit is a transaction over all topics; Kafka's own 100 ms asks much of a broker. */
  private static final int COMMIT_MILLIS = 200;

  private static final long MAX_BODY = 1024;
  private static final String RETENTION = "retention";
  private static final Duration LINKS_VALID = Duration.ofMinutes(15);

  private final RestartPolicy restarts = new RestartPolicy();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final SinkSettings settings;
  private final Topology topology;
  private final RocksDbMemory memory;
  private final Traces traces;
  private final HttpEndpoint endpoint;
  private final Knowledge knowledge;
  private final StrandedRequests stranded;
  private final Starts starts;
  private final KafkaStreams streams;
  private final KafkaStreamsMetrics meters;
  private final List<SideStream> sides = new ArrayList<>();
  private final List<SideStream> freeSides = new ArrayList<>();
  private final List<KafkaHorizon> horizons = new ArrayList<>();
  private final List<CallHttp> clients = new ArrayList<>();
  private final List<S3ObjectStore> stores = new ArrayList<>();

  /** Its HTTP side answers at once; the stream begins with {@link #start}. */
  public ResultsSink(SinkSettings settings, SchemaRegistry registry) {
    this.settings = settings;
    traces = Traces.to(settings.traces(), "results-sink");
    endpoint = new HttpEndpoint(MAX_BODY, this::missing);
    Instances instances = new Instances(partitions());
    knowledge = new Knowledge(settings.cluster().kafka(), registry, Clock.systemUTC());
    Backlog backlog = new Backlog();
    BacklogApi backlogs = new BacklogApi(instances, backlog);
    backlogs.addTo(endpoint);
    Starts starts = new Starts(settings.cluster().kafka(), registry, knowledge, backlogs);
    this.starts = starts;
    Surroundings around = new Surroundings(backlog, knowledge::isWithdrawn);
    new StatusApi(instances, knowledge.workers(), knowledge.pauses(), starts::of).addTo(endpoint);
    new PausesApi(knowledge.pauses()).addTo(endpoint);
    new ModelsApi(knowledge.workers()).addTo(endpoint);
    new BatchApi(instances).addTo(endpoint);
    new HeldApi(instances).addTo(endpoint);
    endpoint.start(settings.host(), settings.port());
    memory = new RocksDbMemory(settings.stateMemory());
    try {
      HostInfo self =
          settings.advertised().isEmpty()
              ? new HostInfo("127.0.0.1", endpoint.port())
              : HostInfo.buildFromEndpoint(settings.advertised());
      RefusedOutcomes refused = new RefusedOutcomes();
      PassedOver passedOver = new PassedOver(endpoint.meters());
      Properties config = config(settings, self);
      config.put(PassedOver.SETTING, passedOver);
      config.put(RefusedOutcomes.SETTING, refused);
      config.put(SinkSpans.SETTING, new SinkSpans(traces.tracer()));
      memory.addTo(config);
      ModerationSettings moderation = settings.moderation();
      ReviewRules review = new ReviewRules(moderation.isOn(), moderation.longest());
      topology = SinkTopology.build(registry, passedOver, refused, review, around, partitions());
      streams = new KafkaStreams(topology, config);
      streams.setUncaughtExceptionHandler(restarts);
      streams.setStateListener((now, before) -> watch(now));
      meters = new KafkaStreamsMetrics(streams);
      meters.bindTo(endpoint.meters());
      instances.serve(streams, self);
      addRouting(settings.routing(), registry, config);
      stranded =
          new StrandedRequests(
              settings.routing(),
              settings.cluster().kafka(),
              registry,
              knowledge,
              this::hasFirstPartition);
      addWebhooks(settings.webhooks(), registry, config);
      addModeration(settings, registry, config);
      addRetention(settings, registry, config);
    } catch (RuntimeException e) {
      knowledge.close();
      starts.close();
      endpoint.close();
      memory.close();
      throw e;
    }
  }

  private static Properties config(SinkSettings settings, HostInfo self) {
    Properties config = new Properties();
    config.putAll(settings.cluster().kafka());
    config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, settings.groupProtocol());
    if (settings.groupProtocol().equals("classic")) { // else it is the broker's
      config.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MILLIS);
    }
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
    config.put(StreamsConfig.APPLICATION_SERVER_CONFIG, self.host() + ":" + self.port());
    config.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateFolder().toString());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.putIfAbsent(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_MILLIS);
    config.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, UnforeseenFaults.class);
    config.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, RefusedRecords.class);
    return config;
  }

  private void addRouting(RoutingSettings routing, SchemaRegistry registry, Properties config) {
    Topology routes = RoutingTopology.build(routing, registry, knowledge, endpoint.meters());
    sides.add(new SideStream(routes, config, "routing", endpoint));
  }

  /** One instance has it, and so does what one instance is to do. */
  private boolean hasFirstPartition() {
    return streams.metadataForLocalThreads().stream()
        .flatMap(each -> each.activeTasks().stream())
        .map(TaskMetadata::taskId)
        .anyMatch(task -> task.partition() == 0 && task.subtopology() == 0);
  }

  private void addWebhooks(WebhookSettings webhooks, SchemaRegistry registry, Properties config) {
    if (webhooks.areOn()) {
      Dns names = webhooks.policy().allowsPrivate() ? Dns.SYSTEM : new PublicAddresses();
      CallHttp http = new CallHttp(names, webhooks.timeout());
      clients.add(http);
      Topology calls =
          WebhookTopology.build(webhooks, registry, http, endpoint.meters(), Clock.systemUTC());
      sides.add(new SideStream(calls, config, "webhooks", endpoint));
    }
  }

  private void addModeration(SinkSettings settings, SchemaRegistry registry, Properties config) {
    ModerationSettings moderation = settings.moderation();
    if (moderation.isOn()) {
      CallHttp http = new CallHttp(Dns.SYSTEM, moderation.timeout());
      clients.add(http);
      Topology topology =
          ModerationTopology.build(
              moderation,
              registry,
              http,
              links(settings.store()),
              endpoint.meters(),
              Clock.systemUTC());
      sides.add(new SideStream(topology, config, "moderation", endpoint));
    }
  }

  /** Its state is kept by topics of its own, of one partition, and not by the others' numbers. */
  private void addRetention(SinkSettings settings, SchemaRegistry registry, Properties config) {
    RetentionSettings retention = settings.retention();
    if (retention.isOn()) {
      String id = settings.applicationId() + "-" + RETENTION;
      KafkaHorizon horizon = new KafkaHorizon(settings.cluster().kafka(), id);
      horizons.add(horizon);
      Topology topology =
          RetentionTopology.build(
              new RetentionTopology.Parts(
                  registry, store(settings.store()), horizon, endpoint.meters()),
              retention,
              id,
              partitions());
      freeSides.add(new SideStream(topology, config, RETENTION, endpoint));
    }
  }

  private S3ObjectStore store(S3Settings settings) {
    S3ObjectStore store = new S3ObjectStore(settings);
    stores.add(store);
    return store;
  }

  /** Under which images of the store can be read; none where the store is not known. */
  private Function<String, Optional<URI>> links(S3Settings settings) {
    if (settings.endpoint().isEmpty()) {
      return image -> Optional.empty();
    }
    S3ObjectStore store = store(settings);
    return image ->
        image.startsWith("s3://")
            ? store.readLink(ObjectName.parse(image), LINKS_VALID)
            : Optional.empty();
  }

  private int partitions() {
    return settings.cluster().topics().partitions().results();
  }

  /**
   * Begins, once a broker answers.
   *
   * @throws io.smartedit.service.SettingsException if the topics that the state is kept by have
   *     other partitions than the settings say
   */
  public void start() {
    Set<String> topics = StatePartitions.topics(topology, settings.applicationId());
    sides.forEach(side -> topics.addAll(side.stateTopics()));
    StatePartitions.check(partitions(), TopicSetup.partitions(settings.cluster().kafka(), topics));
    knowledge.start();
    starts.start();
    streams.start();
    sides.forEach(SideStream::start);
    freeSides.forEach(SideStream::start);
    stranded.start();
  }

  private void watch(KafkaStreams.State state) {
    if (state == KafkaStreams.State.ERROR || state == KafkaStreams.State.NOT_RUNNING) {
      ended.countDown();
    }
  }

  /** Ends {@link #awaitEnd}. */
  public void stop() {
    ended.countDown();
  }

  /** Waits until the stream has ended, which it does by itself only where it cannot go on. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** Whether every partition is served. */
  public boolean isReady() {
    return missing().isEmpty();
  }

  @SuppressWarnings("NullAway") // the endpoint asks before the constructor has ended
  private List<String> missing() {
    String waiting = restarts.waiting();
    if (waiting != null) {
      return List.of(waiting);
    }
    KafkaStreams.State state = streams == null ? KafkaStreams.State.CREATED : streams.state();
    return state == KafkaStreams.State.RUNNING
        ? List.of()
        : List.of("the stream is " + state.name().toLowerCase(Locale.ROOT));
  }

  /** Port of the HTTP side. */
  public int port() {
    return endpoint.port();
  }

  @Override
  public void close() {
    restarts.close();
    stranded.close();
    sides.forEach(SideStream::close);
    freeSides.forEach(SideStream::close);
    horizons.forEach(KafkaHorizon::close);
    knowledge.close();
    starts.close();
    clients.forEach(CallHttp::close);
    stores.forEach(S3ObjectStore::close);
    streams.close(
        CloseOptions.timeout(CLOSING)
            .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    meters.close();
    traces.close();
    endpoint.close();
    memory.close();
  }
}
