package io.smartedit.worker;

import static io.smartedit.worker.Fixtures.PARTITION;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.FailureKind;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** The consumer's thread and its rooms, turn by turn, on Kafka's own in-memory clients. */
final class ConsumerLoopTest {

  private final ManualTime time = new ManualTime();
  private final Scripted consumer = new Scripted();
  private final List<MockProducer<String, SpecificRecord>> producers = new ArrayList<>();
  private final List<Job> taken = new ArrayList<>();
  private final List<PreparedEdit> device = new ArrayList<>();
  private final Lifecycle lifecycle = new Lifecycle();
  private final WorkerSettings settings = Fixtures.settings();
  private final Outcomes outcomes = new Outcomes(settings, time);
  private final DependentRequests dependents = new DependentRequests(Duration.ofMinutes(10), time);
  private final JobEndings endings = new JobEndings(outcomes, List.of(dependents));
  private final Set<String> cancelled = new HashSet<>();
  private final Set<String> paused = new HashSet<>();
  private Parking parking = Parking.BATCH;
  private final LeaveRules leaving =
      new LeaveRules(
          job -> cancelled.contains(job.requestId()),
          job -> paused.contains(job.requestId()) ? Optional.of(parking) : Optional.empty(),
          settings.modelName(),
          lifecycle::isStopping,
          time);
  private final Holds holds = new Holds(time);
  private final RetryPolicy retries = new RetryPolicy(Duration.ofSeconds(10), () -> 0.5);
  private final Delays delays = new Delays(time);
  private final Intake intake =
      new PartitionIntake(
          settings.topics(),
          consumer,
          new OutcomePublisher(this::producer, holds),
          Duration.ofMinutes(1),
          Fixtures.FAIRNESS,
          new Intake.Patience(lifecycle, new PatientPoll(lifecycle, retries, holds), time, time));
  private final Admission.Arrivals arrivals = new Admission.Arrivals();
  private final Admission admission =
      new Admission(
          arrivals, BatchLimit.fixed(4), intake::note, Fixtures.FAIRNESS, this::work, device::add);

  private java.util.function.Consumer<Job> pipeline = taken::add;

  /** What happens in the polls to come. */
  private final Deque<Runnable> script = new ArrayDeque<>();

  @Test
  void aRecordThatIsHandedOverUnbegunWasNoDeath() {
    assign(new CommitMetadata(Map.of(0L, note(2, 2)), Instant.EPOCH));
    add(0, request("slow"));
    turn(() -> {});
    turn(() -> consumer.rebalance(List.of()));

    run();

    assertThat(taken)
        .singleElement()
        .satisfies(job -> assertThat(job.taken().attempts()).isEqualTo(new Attempts(2, 2)));
    assertThat(taken.get(0).state()).isEqualTo(JobState.LEFT);
    assertThat(noted().notes()).isEqualTo(Map.of(0L, note(2, 2)));
  }

  @Test
  void whatTheDeviceHasBegunIsFinishedBeforeItsPartitionGoes() {
    assign(CommitMetadata.NONE);
    add(0, request("begun"));
    add(1, request("waiting"));
    turn(() -> resolve("begun"));
    turn(() -> {});
    turn(
        () -> {
          assertThat(device).hasSize(1);
          assertThat(noted().notes())
              .isEqualTo(Map.of(0L, new CommitMetadata.Note(Attempts.NONE, AttemptMark.ALONE)));
          finishSoon(device.get(0).job());
          consumer.rebalance(List.of());
        });

    run();

    assertThat(published()).containsExactly("begun");
    assertThat(consumer.committed.offset()).isEqualTo(1);
    assertThat(noted().notes()).isEmpty();
  }

  @Test
  void aDrainLeavesWhatIsNotBegunAtOnce() {
    assign(CommitMetadata.NONE);
    add(0, request("slow"));
    turn(() -> {});

    run();

    assertThat(taken).singleElement().matches(job -> job.state() == JobState.LEFT);
    assertThat(consumer.committed).isEqualTo(new OffsetAndMetadata(0, ""));
    assertThat(consumer.closed()).isTrue();
  }

  @Test
  void aDrainFinishesWhatIsInTheDevice() {
    assign(CommitMetadata.NONE);
    add(0, request("begun"));
    turn(() -> resolve("begun"));
    turn(() -> {});
    turn(
        () -> {
          lifecycle.stop();
          finishSoon(device.get(0).job());
        });

    run();

    assertThat(published()).containsExactly("begun");
  }

  /** Else a request that breaks the process would be handed from worker to worker for ever. */
  @Test
  void whatWasInTheDeviceWhenTheWorkerDiedWasADeath() {
    assign(CommitMetadata.NONE);
    add(0, request("poison"));
    turn(() -> resolve("poison"));
    turn(() -> {});
    turn(
        () -> {
          lifecycle.die(new UnsatisfiedLinkError("libtorch"));
          endings.leave(device.get(0).job());
        });

    run();

    assertThat(noted().notes())
        .isEqualTo(Map.of(0L, new CommitMetadata.Note(Attempts.NONE, AttemptMark.ALONE)));
    assertThat(published()).isEmpty();
  }

  @Test
  void aSuspectThatComesToItsEndWasNoCause() {
    assign(new CommitMetadata(Map.of(0L, note(1, 1)), Instant.EPOCH));
    add(0, request("suspect"));
    turn(() -> edited(taken.get(0)));
    turn(() -> {});

    run();

    assertThat(noted().outsideDeath()).isAfter(Instant.EPOCH);
    assertThat(outcome(0).getCost().getAttempts()).isEqualTo(2);
  }

  @Test
  void aRequestIsPoisonAfterThreeDeathsAloneUnlessAStormIsOn() {
    assign(new CommitMetadata(Map.of(0L, note(3, 3)), Instant.EPOCH));
    add(0, request("poison"));
    turn(() -> {});
    run();
    assertThat(taken).singleElement().matches(job -> job.taken().poison());
  }

  @Test
  void aRequestIsNoPoisonWhileAStormIsOn() {
    assign(new CommitMetadata(Map.of(0L, note(3, 3)), time.instant()));
    add(0, request("innocent"));
    turn(() -> {});
    run();
    assertThat(taken).singleElement().matches(job -> !job.taken().poison());
  }

  @Test
  void aCommitInDoubtIsSettledByAFreshProducer() {
    assign(CommitMetadata.NONE);
    add(0, request("a"));
    turn(
        () -> {
          producers.get(0).commitTransactionException = new TimeoutException("no answer");
          // As the real one, which after that can only repeat its commit.
          producers.get(0).abortTransactionException = new IllegalStateException("must be retried");
          fail(taken.get(0));
        });
    turn(() -> {});
    turn(() -> {});
    turn(() -> {});

    run();

    assertThat(producers).hasSize(2);
    assertThat(producers.get(0).closed()).isTrue();
    assertThat(producers.get(1).history()).extracting(ProducerRecord::key).containsExactly("a");
  }

  /** A transaction that outlives its timeout, as where the process was stopped for a while. */
  @Test
  void aFencedProducerIsReplaced() {
    assign(CommitMetadata.NONE);
    add(0, request("a"));
    turn(
        () -> {
          producers.get(0).commitTransactionException = new ProducerFencedException("timed out");
          producers.get(0).abortTransactionException = new ProducerFencedException("timed out");
          fail(taken.get(0));
        });
    turn(() -> {});
    turn(() -> {});
    turn(() -> {});

    run();

    assertThat(producers.get(1).history()).extracting(ProducerRecord::key).containsExactly("a");
    assertThat(lifecycle.death()).isEmpty();
  }

  @Test
  void whatCannotBeQuotedInAnOutcomeIsRefusedByItsPlace() {
    assign(CommitMetadata.NONE);
    add(0, request("x".repeat(100_000)));
    add(1, new byte[300_000]);
    add(2, request("fine"));
    turn(() -> {});

    run();

    assertThat(taken).extracting(job -> job.taken().requestId()).containsExactly("fine");
    assertThat(published()).containsExactly("edits.requested-0-0", "edits.requested-0-1");
    assertThat(outcome(0).getRaw()).isNotNull();
    assertThat(bytes(Topics.OUTCOMES, outcome(1))).hasSizeLessThan(600_000);
  }

  @Test
  void timesThatNoEventCanRepeatAreRefusedUnderTheRequestsOwnId() {
    assign(CommitMetadata.NONE);
    long offset = 0;
    for (long millis : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -62_135_596_800_001L}) {
      Instant odd = Instant.ofEpochMilli(millis);
      add(offset++, bytes(Fixtures.request("r").setRequestedAt(odd).build()));
      add(offset++, bytes(Fixtures.request("d").setDeadline(odd).build()));
    }
    turn(() -> {});

    run();

    assertThat(taken).isEmpty();
    assertThat(published()).containsExactly("r", "d", "r", "d", "r", "d");
    assertThat(outcome(0).getFailure().getMessage()).startsWith("requestedAt is ");
    assertThat(outcome(1).getFailure().getMessage()).startsWith("deadline is ");
    assertThat(outcome(0).getRaw()).isNotNull();
    assertThat(outcome(0).getRequest()).isNull();
  }

  @Test
  void thoseThatWaitForOthersTakeUpNoRoom() {
    pipeline =
        job -> {
          taken.add(job);
          if (job.taken().requestId().startsWith("waits")) {
            dependents.await(job, "never");
          }
        };
    assign(CommitMetadata.NONE);
    for (int i = 0; i < 3 * settings.maxInFlight(); i++) {
      add(i, request("waits-" + i));
    }
    add(3L * settings.maxInFlight(), request("other"));
    turn(() -> {});
    turn(() -> {});

    run();

    assertThat(taken).extracting(job -> job.taken().requestId()).contains("other");
  }

  @Test
  void aTenantWithNothingUnderWayIsTakenThoughOthersFillTheWorker() {
    assign(CommitMetadata.NONE);
    int most = settings.maxInFlight();
    for (int i = 0; i < 2 * most; i++) {
      add(i, request("deep-" + i));
    }
    turn(() -> {});
    turn(() -> assertThat(taken).hasSize(most));
    for (int i = 0; i < 2; i++) {
      add(2L * most + i, bytes(Fixtures.request("quiet-" + i).setTenant("quiet").build()));
    }
    turn(() -> {});
    turn(() -> {});

    run();

    assertThat(taken).extracting(job -> job.taken().requestId()).contains("quiet-0");
    assertThat(taken).as("one is enough to be ready").hasSize(most + 1);
  }

  @Test
  void nothingIsTakenWhileSomethingOfOursHasToBeMended() {
    assign(CommitMetadata.NONE);
    turn(() -> holds.report("writing results", "InvalidAccessKeyId", Duration.ofHours(1)));
    add(0, request("a"));
    turn(() -> assertThat(taken).isEmpty());
    turn(
        () -> {
          assertThat(taken).isEmpty();
          holds.clear("writing results");
        });
    turn(() -> {});
    turn(() -> {});

    run();

    assertThat(taken).hasSize(1);
    assertThat(published()).isEmpty();
  }

  @Test
  void whatWaitsBeforeTheDeviceIsStillCancelledAndStillExpires() {
    assign(CommitMetadata.NONE);
    add(0, request("a"));
    add(1, bytes(Fixtures.request("b").setDeadline(time.instant().plusSeconds(5)).build()));
    turn(
        () -> {
          cancelled.add("a");
          time.pass(Duration.ofSeconds(6));
        });
    turn(() -> {});

    run();

    assertThat(published()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void whatIsNotBegunRestsWithItsBatchAndWhatIsBegunIsFinished() {
    assign(CommitMetadata.NONE);
    paused.add("resting");
    add(0, request("begun"));
    turn(() -> resolve("begun"));
    add(1, ofBatch("waiting"));
    turn(() -> {});
    add(2, ofBatch("resting"));
    turn(() -> paused.addAll(List.of("begun", "waiting")));
    turn(() -> time.pass(Duration.ofSeconds(1)));
    turn(() -> edited(taken.get(0)));
    turn(() -> time.pass(Duration.ofSeconds(1)));
    turn(() -> {});

    run();

    assertThat(taken)
        .extracting(job -> job.taken().requestId())
        .containsExactly("begun", "waiting");
    assertThat(producers.get(0).history())
        .extracting(ProducerRecord::topic, ProducerRecord::key)
        .containsExactly(
            tuple(Topics.BATCH_PARKED, "default/b"),
            tuple(Topics.BATCH_PARKED, "default/b"),
            tuple(Topics.OUTCOMES, "begun"));
    assertThat(consumer.committed.offset()).isEqualTo(3);
  }

  @Test
  void whatNamesAnotherModelGoesToThoseWhoServeItAndWhatIsImproperIsAnsweredHere() {
    assign(CommitMetadata.NONE);
    add(0, bytes(Topics.REQUESTED, Fixtures.request("a").setModel("other").build()));
    add(1, bytes(Topics.REQUESTED, Fixtures.request("b").setModel("none").build()));
    add(2, bytes(Topics.REQUESTED, Fixtures.request("c").setModel("../other").build()));
    turn(() -> time.pass(Duration.ofSeconds(1)));
    turn(() -> {});

    run();

    assertThat(taken).extracting(job -> job.taken().requestId()).containsExactly("b", "c");
    assertThat(producers.get(0).history())
        .extracting(ProducerRecord::topic)
        .containsExactly(Topics.NAMED);
    assertThat(consumer.committed.offset()).isEqualTo(1);
  }

  @Test
  void whatRestsWithItsTenantOrModelIsKeptByTheSinkUnderItsOwnKey() {
    assign(CommitMetadata.NONE);
    parking = Parking.PAUSE;
    paused.addAll(List.of("a", "b"));
    add(0, bytes(Topics.REQUESTED, Fixtures.request("a").setSessionId("s").build()));
    add(1, ofBatch("b"));
    add(2, request("c"));
    turn(() -> time.pass(Duration.ofSeconds(1)));
    turn(() -> {});

    run();

    assertThat(taken).extracting(job -> job.taken().requestId()).containsExactly("c");
    assertThat(producers.get(0).history())
        .extracting(ProducerRecord::topic, ProducerRecord::key)
        .containsExactly(
            tuple(Topics.PAUSED, "s"),
            tuple(Topics.PAUSED, Topics.key(Fixtures.request("b").build())));
    assertThat(consumer.committed.offset()).isEqualTo(2);
  }

  @Test
  void aCancelledRequestIsAnsweredThoughItsBatchRests() {
    assign(CommitMetadata.NONE);
    paused.add("a");
    cancelled.add("a");
    add(0, ofBatch("a"));
    turn(() -> time.pass(Duration.ofSeconds(1)));
    turn(() -> {});

    run();

    assertThat(outcome(0).getStatus()).isEqualTo(Status.CANCELLED);
  }

  @Test
  void aBrokerThatFailsToAnswerAPollCostsTimeOnly() {
    assign(CommitMetadata.NONE);
    turn(() -> consumer.setPollException(new KafkaException("record is corrupt")));
    add(0, request("a"));
    turn(() -> {});

    run();

    assertThat(taken).hasSize(1);
    assertThat(lifecycle.death()).isEmpty();
  }

  /** Where a dead worker left a transaction open, its offsets are not known for a while. */
  @Test
  void nothingIsTakenFromAPartitionUntilItIsKnownWhatTheLastWorkerLeft() {
    consumer.unknown = true;
    assign(new CommitMetadata(Map.of(0L, note(1, 1)), Instant.EPOCH));
    add(0, request("a"));
    turn(() -> assertThat(taken).isEmpty());
    turn(() -> consumer.unknown = false);
    turn(() -> {});
    turn(() -> {});

    run();

    assertThat(taken)
        .singleElement()
        .satisfies(job -> assertThat(job.taken().attempts()).isEqualTo(new Attempts(1, 1)));
  }

  /** Nothing is open at first; {@code left} is what an earlier worker noted. */
  private void assign(CommitMetadata left) {
    turn(
        () -> {
          consumer.left = new OffsetAndMetadata(0, left.format(0));
          consumer.rebalance(List.of(PARTITION));
          consumer.seek(PARTITION, 0);
        });
    turn(() -> {});
  }

  private static CommitMetadata.Note note(int begun, int alone) {
    return new CommitMetadata.Note(new Attempts(begun, alone), AttemptMark.NONE);
  }

  /** What happens in the loop's next poll. */
  private void turn(Runnable action) {
    script.add(action);
  }

  private void run() {
    Outbox outbox = new Outbox(intake, new Outbox.Services(endings, outcomes, retries, time));
    OpenJobs jobs = new OpenJobs(leaving, endings, outbox::park);
    RequestTaker taker =
        new RequestTaker(
            new RequestDecoder(
                new EventDeserializer<>(Fixtures.REGISTRY, EditRequested.getClassSchema())),
            job -> {
              if (jobs.add(job)) {
                pipeline.accept(job);
              }
            },
            outbox,
            outcomes,
            new RequestTaker.Services(retries, holds, time, time));
    new ConsumerLoop(
            intake,
            new ConsumerLoop.Rooms(
                taker,
                job -> pipeline.accept(job),
                jobs,
                leaving,
                dependents,
                admission,
                delays,
                outbox,
                holds),
            lifecycle,
            settings.maxInFlight(),
            time)
        .run(Duration.ofMinutes(1));
  }

  /** The stages between the first gate and the second take no time here. */
  private void work(ResolvedRequest request) {
    arrivals.prepared().add(Fixtures.prepared(Fixtures.advance(request.job(), JobState.PREPARED)));
  }

  private void resolve(String id) {
    taken.stream()
        .filter(job -> job.taken().requestId().equals(id))
        .forEach(job -> arrivals.resolved().add(Fixtures.resolved(job)));
  }

  /** The device and what follows it are done with a job some time later. */
  private void finishSoon(Job job) {
    delays.after(Duration.ZERO, () -> edited(job));
  }

  private void edited(Job job) {
    endings.edited(
        job,
        io.smartedit.events.EditResult.newBuilder()
            .setOutput("s3://edited/default/a.png")
            .setBytes(1)
            .setSha256("")
            .setWidth(1)
            .setHeight(1)
            .build());
  }

  private void fail(Job job) {
    endings.failed(job, JobFailedException.failed(FailureKind.INTERNAL, "as planned", null));
  }

  private CommitMetadata noted() {
    return CommitMetadata.parse(consumer.committed.metadata(), consumer.committed.offset());
  }

  private List<String> published() {
    List<String> keys = new ArrayList<>();
    producers.forEach(producer -> producer.history().forEach(sent -> keys.add(sent.key())));
    return keys;
  }

  private EditOutcome outcome(int index) {
    return (EditOutcome) producers.get(0).history().get(index).value();
  }

  private void add(long offset, byte[] value) {
    turn(() -> consumer.addRecord(record(offset, value)));
  }

  private static ConsumerRecord<String, byte[]> record(long offset, byte[] value) {
    return new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), offset, "k", value);
  }

  private static byte[] request(String id) {
    return bytes(Fixtures.request(id).build());
  }

  private static byte[] ofBatch(String id) {
    return bytes(Fixtures.request(id).setBatch("b").setBatchLine(1).build());
  }

  private static byte[] bytes(EditRequested request) {
    return bytes(Topics.REQUESTED, request);
  }

  private static byte[] bytes(String topic, SpecificRecord event) {
    return requireNonNull(Fixtures.SERIALIZER.serialize(topic, event));
  }

  private Producer<String, SpecificRecord> producer() {
    MockProducer<String, SpecificRecord> producer =
        new MockProducer<>(
            true, null, new StringSerializer(), new EventSerializer<>(Fixtures.REGISTRY)) {
          @Override
          public void sendOffsetsToTransaction(
              Map<TopicPartition, OffsetAndMetadata> offsets,
              org.apache.kafka.clients.consumer.ConsumerGroupMetadata group) {
            super.sendOffsetsToTransaction(offsets, group);
            consumer.committed = Optional.ofNullable(offsets.get(PARTITION)).orElseThrow();
          }
        };
    producers.add(producer);
    return producer;
  }

  /** Plays the script, a turn a poll, then stops the worker; knows the last commit. */
  private final class Scripted extends MockConsumer<String, byte[]> {
    private OffsetAndMetadata committed = new OffsetAndMetadata(99);
    private OffsetAndMetadata left = new OffsetAndMetadata(0);
    private boolean unknown;

    private Scripted() {
      super("earliest");
      updatePartitions(
          Topics.REQUESTED,
          List.of(
              new org.apache.kafka.common.PartitionInfo(Topics.REQUESTED, 0, null, null, null)));
      updatePartitions(Topics.HIGH, List.of());
      updatePartitions(Topics.BULK, List.of());
    }

    @Override
    public synchronized ConsumerRecords<String, byte[]> poll(Duration timeout) {
      Runnable next = script.poll();
      if (next == null) {
        lifecycle.stop();
      } else {
        next.run();
      }
      time.pass(Duration.ofMillis(500));
      return super.poll(timeout);
    }

    @Override
    public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
        Set<TopicPartition> asked, Duration timeout) {
      if (unknown) {
        throw new TimeoutException("unstable");
      }
      return Map.of(PARTITION, left);
    }

    @Override
    public synchronized void commitSync(
        Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
      committed = offsets.getOrDefault(PARTITION, committed);
    }
  }
}
