package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Traces;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.WebImages;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: takes requests, edits, stores, and answers each request with an outcome, in one Kafka
 * transaction with the offset. This class is its parts list; docs/architecture.md draws the line
 * that a record goes along.
 *
 * <p>{@link #close} drains: no new records are taken, what the device has begun is finished for a
 * limited time, and the rest is handed over.
 */
public final class Worker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Duration WEB_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration CLOSING = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(20);
  private static final long MAX_BODY = 1024;

  private final WorkerSettings settings;
  private final Lifecycle lifecycle = new Lifecycle();
  private final Holds holds;
  private final Traces traces;
  private final HttpEndpoint endpoint;
  private final WorkerMeters meters;
  private final WebImages web;
  private final Clients clients;
  private final Announcer announcer;
  private final Cancellations cancellations;
  private final ProgressPublisher progress;
  private final Pipeline pipeline;
  private final ConsumerLoop loop;

  /** Where the worker's time comes from. */
  record Time(Clock clock, Ticker ticker) {}

  /** The worker owns the editor and nothing else that is handed in. */
  public Worker(
      WorkerSettings settings,
      SchemaRegistry registry,
      ObjectStore store,
      ImageEditor editor,
      Clock clock) {
    this(
        settings,
        registry,
        store,
        editor,
        new KafkaClients(settings, registry),
        new Time(clock, Ticker.systemTicker()));
  }

  /** The same with Kafka's clients and the time given. */
  Worker(
      WorkerSettings settings,
      SchemaRegistry registry,
      ObjectStore store,
      ImageEditor editor,
      Clients clients,
      Time time) {
    this.settings = settings;
    Clock clock = time.clock();
    Ticker ticker = time.ticker();
    RetryPolicy retries =
        new RetryPolicy(settings.storeRetry(), () -> ThreadLocalRandom.current().nextDouble());
    holds = new Holds(ticker);
    traces = Traces.to(settings.traces(), "gpu-worker", settings.workerId());
    endpoint = new HttpEndpoint(MAX_BODY, () -> notReady().stream().toList());
    meters = new WorkerMeters(endpoint.meters());
    web = new WebImages(settings.sources(), WEB_TIMEOUT);
    this.clients = clients;
    announcer = new Announcer(clients.announcements(), settings, editor.adapters(), clock);
    cancellations = new Cancellations(clients.cancellations(), registry, clock);
    progress = new ProgressPublisher(clients.progress(), settings.workerId(), clock, ticker);

    Outcomes outcomes = new Outcomes(settings, clock);
    DependentRequests dependents = new DependentRequests(settings.sourceWait(), ticker);
    WorkerSpans spans = new WorkerSpans(traces.tracer());
    JobEndings endings = new JobEndings(outcomes, List.of(dependents, progress, meters, spans));
    LeaveRules leaving =
        new LeaveRules(
            cancellations::contains,
            cancellations::resting,
            settings.modelName(),
            lifecycle::isStopping,
            clock);
    Delays delays = new Delays(ticker);

    Fairness rules =
        new Fairness(settings.shares(), settings.readAhead(), Lanes.cost(editor.defaults()));
    Intake intake =
        intake(
            clients,
            registry,
            rules,
            new Intake.Patience(
                lifecycle, new PatientPoll(lifecycle, retries, holds), clock, ticker));
    pipeline =
        new Pipeline(
            new Pipeline.Tools(settings, store, web, editor, clock, dependents, progress),
            new StagePool.Services(endings, leaving, retries, delays, holds, ticker),
            intake::note,
            rules);
    Outbox outbox = new Outbox(intake, new Outbox.Services(endings, outcomes, retries, ticker));
    OpenJobs jobs = new OpenJobs(leaving, endings, outbox::park);
    RequestTaker taker =
        new RequestTaker(
            new RequestDecoder(new EventDeserializer<>(registry, EditRequested.getClassSchema())),
            job -> {
              if (jobs.add(job)) {
                pipeline.accept(job);
              }
            },
            outbox,
            outcomes,
            new RequestTaker.Services(retries, holds, clock, ticker));
    loop =
        new ConsumerLoop(
            intake,
            new ConsumerLoop.Rooms(
                taker,
                pipeline::accept,
                jobs,
                leaving,
                dependents,
                pipeline.admission(),
                delays,
                outbox,
                holds),
            lifecycle,
            settings.maxInFlight(),
            ticker);
    endpoint.start(settings.host(), settings.port());
    meters.watch(
        new WorkerMeters.Watched(
            intake::openCount,
            intake::waitingCount,
            intake::groupLag,
            () -> holds.reason().isPresent(),
            progress::dropped,
            pipeline.device()::batchLimit));
  }

  private Intake intake(
      Clients clients, SchemaRegistry registry, Fairness rules, Intake.Patience patience) {
    if (settings.intake() == WorkerSettings.IntakeKind.PARTITIONS) {
      Consumer<String, byte[]> consumer = clients.requests();
      meters.follow(consumer);
      return new PartitionIntake(
          settings.topics(),
          consumer,
          new OutcomePublisher(clients.outcomes(), holds),
          KafkaClients.handOver(settings),
          rules,
          patience);
    }
    DurablePublisher publisher = new DurablePublisher(clients.durable(), holds);
    String run = settings.workerId() + "/" + UUID.randomUUID();
    return new ShareIntake(
        settings.topics().stream()
            .map(topic -> members(clients, topic, patience.ticker()))
            .toList(),
        settings.batch().usual(),
        clients.shareGroups(settings.topics()),
        publisher,
        new AttemptNotes(clients.attempts(), publisher, registry, run, patience.clock()),
        patience);
  }

  /** As many as keep the device busy; fewer of the topics that are rarer. */
  private ShareMembers members(Clients clients, String topic, Ticker ticker) {
    int count =
        Topics.withoutModel(topic).equals(Topics.REQUESTED)
            ? settings.members()
            : settings.batch().usual();
    List<ShareMember> members =
        IntStream.range(0, count)
            .mapToObj(number -> new ShareMember(clients.shared(number, topic), ticker))
            .toList();
    return new ShareMembers(topic, members, ticker.read());
  }

  /** Starts all threads; returns at once. */
  public void start() {
    pipeline.device().start(lifecycle::die);
    cancellations.start();
    progress.start();
    new Thread(this::consume, "requests").start();
  }

  /** Whether the model is warm and requests are taken. */
  public boolean isReady() {
    return notReady().isEmpty();
  }

  /** Why no requests are taken, where none are; what somebody has to mend is among it. */
  public Optional<String> notReady() {
    if (lifecycle.isStopping()) {
      return Optional.of("the worker ends");
    }
    if (!isPrepared()) {
      return Optional.of("the model is being loaded");
    }
    return holds.reason();
  }

  /** Port of the HTTP side: health and metrics. */
  public int port() {
    return endpoint.port();
  }

  /** Why the worker ended by itself, where it did. */
  public Optional<Throwable> death() {
    return lifecycle.death();
  }

  /** Waits until the worker has ended, by {@link #close} or by itself. */
  public void await() throws InterruptedException {
    lifecycle.awaitEnd();
  }

  @Override
  public void close() {
    announcer.close();
    lifecycle.stop();
    try {
      if (!lifecycle.awaitEnd(settings.drain().plus(CLOSING))) {
        LOG.warn("worker {} did not end in time", settings.workerId());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isPrepared() {
    return cancellations.isKnown() && pipeline.device().isReady();
  }

  private void consume() {
    try {
      // Partitions are taken once they can be worked on, and not while a large model is loaded.
      while (!isPrepared() && !lifecycle.isStopping()) {
        lifecycle.rest(MOMENT);
      }
      if (!lifecycle.isStopping()) {
        clients.ensure(settings.modelTopics()); // a consumer is slow to find topics that come later
        announcer.start();
      }
      loop.run(settings.drain());
    } catch (Throwable e) { // the worker ends, whatever it was
      lifecycle.die(e);
    } finally {
      announcer.close();
      pipeline.close();
      cancellations.close();
      web.close();
      progress.close();
      traces.close();
      meters.close();
      endpoint.close();
      lifecycle.end();
    }
  }
}
