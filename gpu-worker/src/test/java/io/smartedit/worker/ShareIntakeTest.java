package io.smartedit.worker;

import static io.smartedit.worker.Fixtures.PARTITION;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.AttemptPlace;
import io.smartedit.events.EditAttempt;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.FailureKind;
import io.smartedit.events.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.MockShareConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRecordStateException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** The intake from a share group, turn by turn, on Kafka's own in-memory clients. */
final class ShareIntakeTest {

  private static final int RESEND_AT = 6;
  private static final TopicPartition NOTES = new TopicPartition(Topics.ATTEMPTS, 0);

  private final ManualTime time = new ManualTime();
  private final Locks locks = new Locks();
  private final Locks others = new Locks();
  private final Group group = new Group();
  private final MockProducer<String, SpecificRecord> producer =
      new MockProducer<>(
          true, null, new StringSerializer(), new EventSerializer<>(Fixtures.REGISTRY));
  private final MockConsumer<String, byte[]> attempts = new MockConsumer<>("earliest");
  private final Map<String, Parking> resting = new HashMap<>();
  private final Holds holds = new Holds(time);
  private final RetryPolicy retries = new RetryPolicy(Duration.ofSeconds(10), () -> 0.5);
  private final Lifecycle lifecycle = new Lifecycle();
  private final DependentRequests dependents = new DependentRequests(Duration.ofMinutes(10), time);
  private final Outcomes outcomes = new Outcomes(Fixtures.settings(), time);
  private final JobEndings endings = new JobEndings(outcomes, List.of(dependents));
  private final DurablePublisher publisher = new DurablePublisher(producer, holds);
  private final ShareIntake intake =
      new ShareIntake(
          List.of(
              new ShareMembers(
                  Topics.REQUESTED,
                  List.of(new ShareMember(locks, time), new ShareMember(others, time)),
                  time.read())),
          1,
          group,
          publisher,
          new AttemptNotes(attempts, publisher, Fixtures.REGISTRY, "w-1/this run", time),
          new Intake.Patience(lifecycle, new PatientPoll(lifecycle, retries, holds), time, time));
  private final Outbox outbox =
      new Outbox(intake, new Outbox.Services(endings, outcomes, retries, time));
  private final LeaveRules leaving =
      new LeaveRules(
          taken -> false,
          taken -> Optional.ofNullable(resting.get(taken.requestId())),
          "none",
          lifecycle::isStopping,
          time);
  private final OpenJobs jobs = new OpenJobs(leaving, endings, outbox::park);
  private final List<Job> taken = new ArrayList<>();
  private long noted;

  ShareIntakeTest() {
    locks.subscribe(List.of(Topics.REQUESTED));
    others.subscribe(List.of(Topics.REQUESTED));
    attempts.updateBeginningOffsets(Map.of(NOTES, 0L));
    attempts.updateEndOffsets(Map.of(NOTES, 0L));
    intake.open(
        new Intake.Inside(
            new RequestTaker(
                new RequestDecoder(
                    new EventDeserializer<>(Fixtures.REGISTRY, EditRequested.getClassSchema())),
                job -> {
                  taken.add(job);
                  jobs.add(job);
                },
                outbox,
                outcomes,
                new RequestTaker.Services(retries, holds, time, time)),
            jobs,
            leaving,
            outbox,
            () -> {}));
  }

  @Test
  void aLockIsKeptForAsLongAsTheEditTakesAndLetGoOnceItsOutcomeIsDurable() {
    deliver("long", 1);
    turn();
    for (int i = 0; i < 12; i++) {
      time.pass(Duration.ofSeconds(10));
      turn();
    }
    assertThat(locks.acknowledged).hasSize(12).containsOnly(AcknowledgeType.RENEW);

    fail(taken.get(0));
    turn();

    assertThat(published()).containsExactly("edits.outcomes:long");
    assertThat(locks.last()).isEqualTo(AcknowledgeType.ACCEPT);
    assertThat(intake.openCount()).isZero();
  }

  /** A broker gave its partition to a member that is not asked while others are free. */
  @Test
  void noPartitionIsPassedOverWhereABrokerDealsThemOut() {
    group.dealtOut = Set.of(Topics.REQUESTED);
    deliver(others, "a", 1, null);
    for (int i = 0; i < 3 && taken.isEmpty(); i++) {
      turn();
      time.pass(ShareMembers.TURN);
    }
    assertThat(taken).hasSize(1);

    fail(taken.get(0));
    turn();
    deliver("b", 1);
    turn();
    time.pass(ShareMembers.TURN);
    turn();

    assertThat(taken).as("and then it is the first one's turn").hasSize(2);
  }

  /** Else it could be handed what an idle worker would take. */
  @Test
  void noMoreAreAskedThanTheDeviceHasPlacesWhereAllReadAll() {
    deliver(others, "a", 1, null);
    for (int i = 0; i < 3; i++) {
      turn();
      time.pass(ShareMembers.TURN);
    }
    assertThat(taken).isEmpty();
  }

  @Test
  void whatRestsIsParkedAndItsRecordDoneWith() {
    resting.put("paused", Parking.PAUSE);
    deliver("paused", 1);
    turn();
    time.pass(Duration.ofSeconds(1));
    turn();
    assertThat(published()).containsExactly("edits.paused:s3://pictures/a.png");
    assertThat(locks.last()).isEqualTo(AcknowledgeType.ACCEPT);

    deliver("waits", 1);
    turn();
    resting.put("waits", Parking.PAUSE);
    turn();
    time.pass(Duration.ofSeconds(1));
    turn();

    assertThat(published()).hasSize(2).last().asString().startsWith("edits.paused:");
    assertThat(intake.openCount()).isZero();
  }

  @Test
  void whatIsNotDurableIsNotDoneWith() {
    deliver("a", 1);
    turn();
    producer.sendException = new TimeoutException("no broker");

    fail(taken.get(0));
    turn();

    assertThat(locks.acknowledged).isEmpty();
    assertThat(intake.openCount()).isEqualTo(1);
    producer.sendException = null;
    time.pass(Duration.ofSeconds(1));
    turn();
    assertThat(locks.last()).isEqualTo(AcknowledgeType.ACCEPT);
  }

  @Test
  void anEditThatIsNotBegunIsLeftWhenItsLockIsLost() {
    deliver("a", 1);
    turn();
    locks.lost = true;

    time.pass(Duration.ofSeconds(10));
    turn();

    assertThat(taken.get(0).state()).isEqualTo(JobState.LEFT);
    assertThat(taken.get(0).isAbandoned()).isTrue();
    assertThat(published()).isEmpty();
    assertThat(intake.openCount()).isZero();
  }

  @Test
  void anEditThatIsBegunEndsThoughItsLockIsLostAndIsNotBegunAgainHere() {
    deliver("a", 1);
    turn();
    Fixtures.advance(taken.get(0), JobState.DENOISING);
    locks.lost = true;
    time.pass(Duration.ofSeconds(10));
    turn();
    locks.lost = false;

    deliver("a", 2);
    turn();
    assertThat(taken).as("the record came back to this worker").hasSize(1);
    fail(taken.get(0));
    turn();

    assertThat(published()).containsExactly("edits.outcomes:a");
    assertThat(locks.last()).isEqualTo(AcknowledgeType.ACCEPT);
  }

  @Test
  void whatIsLeftInADrainIsAnybodysAtOnceAndWasNoAttempt() {
    deliver("a", 1);
    turn();
    Receipt receipt = taken.get(0).taken().receipt();
    receipt.mark(AttemptMark.ALONE);

    jobs.leaveUnbegun(any -> true);
    intake.take(0);

    assertThat(locks.last()).isEqualTo(AcknowledgeType.RELEASE);
    assertThat(note(0).getPlace()).isEqualTo(AttemptPlace.OUTSIDE);
  }

  @Test
  void whatWasInTheDeviceWhenTheWorkerDiedWasADeath() {
    deliver("a", 1);
    turn();
    lifecycle.die(new UnsatisfiedLinkError("libtorch"));

    endings.leave(taken.get(0));
    turn();

    assertThat(published()).isEmpty();
    assertThat(locks.acknowledged).isEmpty();
  }

  @Test
  void longBeforeItsLastDeliveryARecordIsSentAgainAsANewOne() {
    noted("deadly", 2, 1, AttemptPlace.OUTSIDE, "w-2/earlier run");
    deliver("deadly", RESEND_AT);

    turn();

    assertThat(taken).isEmpty();
    assertThat(published()).containsExactly("edits.attempts:default/deadly", "edits.requested:k");
    assertThat(note(0).getBegun()).isEqualTo(2);
    assertThat(locks.last()).isEqualTo(AcknowledgeType.ACCEPT);
  }

  @Test
  void whatCannotBeSentAgainNowIsHeldUntilItCan() {
    deliver("a", RESEND_AT);
    producer.sendException = new TimeoutException("no broker");
    turn();
    time.pass(Duration.ofSeconds(20));
    turn();
    assertThat(locks.acknowledged).containsOnly(AcknowledgeType.RENEW);
    producer.sendException = null;

    time.pass(Duration.ofSeconds(5));
    turn();

    assertThat(published()).containsExactly("edits.requested:k");
    assertThat(locks.last()).isEqualTo(AcknowledgeType.ACCEPT);
  }

  /** Else all places could be taken by requests that wait for those which have none. */
  @Test
  void aRequestThatWaitsForAnotherGoesToTheEndWithWhatItHasWaited() {
    deliver("waits", 1);
    turn();
    dependents.await(taken.get(0), "never");
    deliver(others, "b", 1, null);
    turn();
    time.pass(Duration.ofSeconds(1));

    turn();

    assertThat(taken.get(0).state()).isEqualTo(JobState.LEFT);
    assertThat(published()).containsExactly("edits.requested:k");
    assertThat(locks.last()).isEqualTo(AcknowledgeType.ACCEPT);
    byte[] since = producer.history().get(0).headers().lastHeader(ShareIntake.WAITS_SINCE).value();
    assertThat(ByteBuffer.wrap(since).getLong()).isEqualTo(time.millis() - 1000);
    fail(taken.get(1));
    turn();
    time.pass(Duration.ofMinutes(2));
    deliver("waits", 1, since);
    turn();
    long now = time.read();
    assertThat(Duration.ofNanos(now - taken.get(2).waitsSince(now)))
        .isEqualTo(Duration.ofMillis(121_100));
  }

  @Test
  void onlyADeathInTheDeviceIsAnAttempt() {
    noted("begun", 0, 0, AttemptPlace.SHARED, "w-2/earlier run");
    noted("own", 0, 0, AttemptPlace.SHARED, "w-1/this run");

    assertThat(attemptsOf("begun", 2)).isEqualTo(new Attempts(1, 0));
    assertThat(attemptsOf("held", 4)).as("delivered often, never begun").isEqualTo(Attempts.NONE);
    assertThat(attemptsOf("own", 2)).as("its lock was lost here").isEqualTo(Attempts.NONE);
    assertThat(attemptsOf("begun", 1)).as("another record of that id").isEqualTo(Attempts.NONE);
  }

  @Test
  void aRequestIsPoisonAfterThreeDeathsAloneUnlessAStormIsOn() {
    noted("deadly", 2, 2, AttemptPlace.ALONE, "w-2/earlier run");
    assertThat(attemptsOf("deadly", 2)).isEqualTo(new Attempts(3, 3));
    assertThat(taken.get(0).taken().poison()).isTrue();

    noted("innocent", 1, 1, AttemptPlace.OUTSIDE, "w-2/earlier run", true);
    attemptsOf("deadly", 3);

    assertThat(taken.get(1).taken().poison()).isFalse();
  }

  /** Of a record that is delivered, taken, answered and done with. */
  private Attempts attemptsOf(String id, int deliveries) {
    deliver(id, deliveries);
    turn();
    Job job = taken.get(taken.size() - 1);
    fail(job);
    time.pass(Duration.ofSeconds(1));
    turn();
    return job.taken().attempts();
  }

  private void turn() {
    intake.take(16);
    outbox.turn();
    jobs.sweep();
  }

  private void fail(Job job) {
    endings.failed(job, JobFailedException.failed(FailureKind.INTERNAL, "as planned", null));
    time.pass(Duration.ofMillis(100));
  }

  private List<String> published() {
    return producer.history().stream().map(sent -> sent.topic() + ":" + sent.key()).toList();
  }

  private EditAttempt note(int index) {
    return (EditAttempt) producer.history().get(index).value();
  }

  private void noted(String id, int begun, int alone, AttemptPlace place, String run) {
    noted(id, begun, alone, place, run, false);
  }

  private void noted(
      String id, int begun, int alone, AttemptPlace place, String run, boolean cameToItsEnd) {
    EditAttempt said =
        EditAttempt.newBuilder()
            .setTenant("default")
            .setRequestId(id)
            .setWorker(run)
            .setBegun(begun)
            .setAlone(alone)
            .setPlace(place)
            .setCameToItsEnd(cameToItsEnd)
            .setAt(time.instant())
            .build();
    byte[] bytes = requireNonNull(Fixtures.SERIALIZER.serialize(Topics.ATTEMPTS, said));
    if (attempts.assignment().isEmpty()) {
      attempts.assign(List.of(NOTES));
      attempts.seek(NOTES, 0);
    }
    attempts.addRecord(new ConsumerRecord<>(Topics.ATTEMPTS, 0, noted++, "k", bytes));
    attempts.updateEndOffsets(Map.of(NOTES, noted));
  }

  private void deliver(String id, int deliveries) {
    deliver(id, deliveries, null);
  }

  private void deliver(
      String id, int deliveries, byte @org.jspecify.annotations.Nullable [] since) {
    deliver(locks, id, deliveries, since);
  }

  private static void deliver(
      Locks locks, String id, int deliveries, byte @org.jspecify.annotations.Nullable [] since) {
    byte[] value =
        requireNonNull(
            Fixtures.SERIALIZER.serialize(Topics.REQUESTED, Fixtures.request(id).build()));
    RecordHeaders headers = new RecordHeaders();
    if (since != null) {
      headers.add(ShareIntake.WAITS_SINCE, since);
    }
    locks.addRecord(
        new ConsumerRecord<>(
            PARTITION.topic(),
            PARTITION.partition(),
            id.hashCode(),
            0,
            TimestampType.CREATE_TIME,
            1,
            value.length,
            "k",
            value,
            headers,
            Optional.empty(),
            Optional.of((short) deliveries)));
  }

  private static final class Group implements ShareGroup {
    private Set<String> dealtOut = Set.of();

    @Override
    public Set<String> dealtOut() {
      return dealtOut;
    }

    @Override
    public boolean prepare() {
      return true;
    }

    @Override
    public int resendAt() {
      return RESEND_AT;
    }

    @Override
    public double lag() {
      return 0;
    }

    @Override
    public void close() {}
  }

  /** Remembers how records were acknowledged; hands out what is renewed, unless it is lost. */
  private static final class Locks extends MockShareConsumer<String, byte[]> {
    private final List<AcknowledgeType> acknowledged = new ArrayList<>();
    private boolean lost;
    private boolean renewing;

    private AcknowledgeType last() {
      return acknowledged.get(acknowledged.size() - 1);
    }

    @Override
    public synchronized void acknowledge(
        ConsumerRecord<String, byte[]> record, AcknowledgeType type) {
      acknowledged.add(type);
      renewing = type == AcknowledgeType.RENEW;
      if (renewing && !lost) {
        addRecord(record);
      }
    }

    @Override
    public synchronized Map<TopicIdPartition, Optional<KafkaException>> commitSync(
        Duration timeout) {
      Optional<KafkaException> answer =
          renewing && lost
              ? Optional.of(new InvalidRecordStateException("not locked"))
              : Optional.empty();
      return Map.of(new TopicIdPartition(Uuid.ZERO_UUID, PARTITION), answer);
    }
  }
}
