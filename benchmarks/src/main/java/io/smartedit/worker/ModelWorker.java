package io.smartedit.worker;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.FailureKind;
import io.smartedit.events.Topics;
import io.smartedit.provenance.Source;
import io.smartedit.service.Settings;
import io.smartedit.worker.fair.Shares;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A worker of the model: everything that decides is the worker's own (intake, read-ahead, ledgers,
 * admission, poison rule, outbox); only the broker, the device and time are the model's.
 */
final class ModelWorker {

  /** Sources are read and decoded, results encoded and stored. */
  private static final double BEFORE = 0.1;

  private static final double BEHIND = 0.1;
  private static final double TOGETHER = 0.05;
  private static final double TURN = 0.005;
  private static final PreparedRequest PREPARED = preparedRequest();

  private final String name;
  private final Fleet fleet;
  private final ModelTime time;
  private final ModelConsumer consumer;
  private final Lifecycle lifecycle = new Lifecycle();
  private final Admission.Arrivals arrivals = new Admission.Arrivals();
  private final JobEndings endings;
  private final ConsumerLoop loop;
  private double nextTurn = Double.MAX_VALUE;
  private double deviceSeconds;

  /**
   * What the workers of a model share.
   *
   * @param places in a device; edits in it do not slow each other down
   * @param seconds that an edit is in the device
   * @param begun told of each edit that enters a device
   * @param ended told of each outcome that is published
   * @param done ids whose result stands in the store
   */
  record Fleet(
      ModelBroker broker,
      ModelTime time,
      int places,
      Shares shares,
      ToDoubleFunction<EditRequested> seconds,
      Consumer<EditRequested> begun,
      Consumer<EditOutcome> ended,
      Set<String> done) {}

  ModelWorker(String name, Fleet fleet) {
    this.name = name;
    this.fleet = fleet;
    time = fleet.time();
    consumer = new ModelConsumer(fleet.broker(), () -> turnIn(TURN));
    WorkerSettings settings = settings(name);
    Outcomes outcomes = new Outcomes(settings, time);
    DependentRequests dependents = new DependentRequests(settings.sourceWait(), time);
    endings = new JobEndings(outcomes, List.of(dependents));
    LeaveRules leaving =
        new LeaveRules(
            taken -> false,
            taken -> Optional.empty(),
            settings.modelName(),
            lifecycle::isStopping,
            time);
    RetryPolicy retries = new RetryPolicy(settings.storeRetry(), () -> 0.5);
    Holds holds = new Holds(time);
    Delays delays = new Delays(time);
    Fairness rules =
        new Fairness(fleet.shares(), settings.readAhead(), Lanes.cost(EditOptions.DEFAULT));
    Intake intake =
        new PartitionIntake(
            Topics.OF_REQUESTS,
            consumer,
            new OutcomePublisher(this::producer, holds),
            Duration.ZERO, // an edit under way when its partition moves is lost here
            rules,
            new Intake.Patience(lifecycle, new PatientPoll(lifecycle, retries, holds), time, time));
    Admission admission =
        new Admission(
            arrivals,
            BatchLimit.fixed(fleet.places()),
            intake::note,
            rules,
            this::prepare,
            this::enter);
    Outbox outbox = new Outbox(intake, new Outbox.Services(endings, outcomes, retries, time));
    OpenJobs jobs = new OpenJobs(leaving, endings, outbox::park);
    RequestTaker taker =
        new RequestTaker(
            new RequestDecoder(
                new EventDeserializer<>(fleet.broker().registry(), EditRequested.getClassSchema())),
            job -> {
              if (jobs.add(job)) {
                lookUp(job);
              }
            },
            outbox,
            outcomes,
            new RequestTaker.Services(retries, holds, time, time));
    loop =
        new ConsumerLoop(
            intake,
            new ConsumerLoop.Rooms(
                taker, this::lookUp, jobs, leaving, dependents, admission, delays, outbox, holds),
            lifecycle,
            settings.maxInFlight(),
            time);
  }

  void start() {
    loop.open();
    fleet.broker().join(name, consumer);
    turnIn(TURN);
  }

  /** Its host is taken away; the group hears of it when its session is over. */
  void die(double session) {
    lifecycle.stop();
    time.after(session, () -> fleet.broker().leave(name));
  }

  /** Time that edits were in its device. */
  double deviceSeconds() {
    return deviceSeconds;
  }

  private void turnIn(double delay) {
    double at = time.seconds() + delay;
    if (at < nextTurn) {
      nextTurn = at;
      time.after(delay, () -> turn(at));
    }
  }

  private void turn(double due) {
    if (lifecycle.isStopping() || due != nextTurn) {
      return;
    }
    nextTurn = Double.MAX_VALUE;
    loop.turn(true);
  }

  /** What stands in the store is answered from there. */
  private void lookUp(Job job) {
    if (fleet.done().contains(job.taken().requestId())) {
      edited(job);
      return;
    }
    if (job.taken().poison()) {
      endings.failed(
          job, JobFailedException.failed(FailureKind.INTERNAL, "workers died over it", null));
      return;
    }
    if (job.moveTo(JobState.RESOLVED)) {
      arrivals.resolved().add(new ResolvedRequest(job, "", EditOptions.DEFAULT));
      turnIn(TURN);
    }
  }

  private void prepare(ResolvedRequest request) {
    later(
        BEFORE,
        () -> {
          Job job = request.job();
          if (job.moveTo(JobState.PREPARING) && job.moveTo(JobState.PREPARED)) {
            arrivals.prepared().add(new PreparedEdit(job, PREPARED, source()));
          }
        });
  }

  private void enter(PreparedEdit edit) {
    Job job = edit.job();
    double length = fleet.seconds().applyAsDouble(job.taken().request());
    fleet.begun().accept(job.taken().request());
    later(
        length,
        () -> {
          deviceSeconds += length;
          if (job.moveTo(JobState.ENCODING)) {
            later(BEHIND, () -> store(job));
          }
        });
  }

  private void store(Job job) {
    if (job.moveTo(JobState.STORING)) {
      fleet.done().add(job.taken().requestId());
      edited(job);
    }
  }

  private void edited(Job job) {
    endings.edited(
        job,
        EditResult.newBuilder()
            .setOutput("s3://edited/a.png")
            .setBytes(1)
            .setSha256("")
            .setWidth(1)
            .setHeight(1)
            .build());
    turnIn(TURN);
    later(TOGETHER + TURN, () -> {});
  }

  private void later(double delay, Runnable what) {
    time.after(
        delay,
        () -> {
          if (!lifecycle.isStopping()) {
            what.run();
            turnIn(TURN);
          }
        });
  }

  private Producer<String, SpecificRecord> producer() {
    return new MockProducer<>(
        true, null, new StringSerializer(), new EventSerializer<>(fleet.broker().registry())) {
      @Override
      public void sendOffsetsToTransaction(
          Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
        super.sendOffsetsToTransaction(offsets, group);
        fleet.broker().commit(offsets);
      }

      @Override
      public void commitTransaction() {
        super.commitTransaction();
        history().forEach(sent -> fleet.ended().accept((EditOutcome) sent.value()));
        clear();
      }
    };
  }

  private Source source() {
    return Source.of("a.png", new byte[0], time);
  }

  private static WorkerSettings settings(String name) {
    Map<String, String> given =
        Map.of(
            "kafka.bootstrap", "none:9092",
            "registry.url", "http://none",
            "s3.endpoint", "http://none",
            "worker.id", name);
    return WorkerSettings.of(Settings.read(WorkerSettings.DECLARED, given), "model");
  }

  private static PreparedRequest preparedRequest() {
    Image image = new Image(8, 8, new byte[8 * 8 * 3]);
    return PreparedRequest.of(new EditRequest(image, "", EditOptions.DEFAULT), image, image);
  }
}
