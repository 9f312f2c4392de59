package io.smartedit.worker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.FailureKind;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.worker.Worker.Answer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** The loop, turn by turn, on Kafka's own in-memory clients. */
final class RequestLoopTest {

  private static final TopicPartition PARTITION = new TopicPartition(Topics.REQUESTED, 0);

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final Noting consumer = new Noting();
  private final List<MockProducer<String, SpecificRecord>> producers = new ArrayList<>();
  private final Jobs jobs = new Jobs();
  private final WorkerSettings settings = settings();
  private final Outcomes outcomes = new Outcomes(settings, Clock.systemUTC());
  private final RequestLoop loop =
      new RequestLoop(
          settings,
          consumer,
          new OutcomePublisher(this::producer),
          new EventDeserializer<>(registry, EditRequested.getClassSchema()),
          outcomes,
          Clock.systemUTC());

  @Test
  void aRecordThatIsHandedOverUnfinishedWasNoDeath() {
    assign("0:2");
    add(0, request("slow"));
    turn(() -> assertThat(consumer.noted.metadata()).as("while under way").isEqualTo("0:3"));
    turn(() -> consumer.rebalance(List.of()));

    run();

    assertThat(jobs.taken).singleElement().satisfies(job -> assertThat(job.attempt).isEqualTo(3));
    assertThat(consumer.noted).isEqualTo(new OffsetAndMetadata(0, "0:2"));
  }

  @Test
  void aRecordThatADrainLeavesUnfinishedWasNoDeath() {
    assign("");
    add(0, request("slow"));

    run();

    assertThat(jobs.taken).hasSize(1);
    assertThat(consumer.noted).isEqualTo(new OffsetAndMetadata(0, ""));
  }

  @Test
  void aCommitInDoubtIsSettledByAFreshProducer() {
    assign("");
    add(0, request("a"));
    turn(
        () -> {
          producers.get(0).commitTransactionException = new TimeoutException("no answer");
          // As the real one, which after that can only repeat its commit.
          producers.get(0).abortTransactionException = new IllegalStateException("must be retried");
          jobs.fail(0);
        });
    turn(() -> {});
    turn(() -> {});

    run();

    assertThat(producers).hasSize(2);
    assertThat(producers.get(0).closed()).isTrue();
    assertThat(producers.get(1).history()).extracting(ProducerRecord::key).containsExactly("a");
  }

  @Test
  void aBrokerThatIsAwayAtTheStartIsWaitedFor() {
    assign("");
    add(0, request("a"));
    turn(() -> jobs.fail(0));
    turn(() -> {});
    producers.get(0).initTransactionException = new TimeoutException("no broker");
    jobs.onAsked = () -> producers.get(0).initTransactionException = null;

    run();

    assertThat(producers.get(0).history()).extracting(ProducerRecord::key).containsExactly("a");
  }

  @Test
  void whatCannotBeQuotedInAnOutcomeIsRefusedByItsPlace() {
    assign("");
    add(0, request("x".repeat(100_000)));
    add(1, new byte[300_000]);
    add(2, request("fine"));
    turn(() -> {});

    run();

    assertThat(jobs.taken).extracting(job -> job.request.getRequestId()).containsExactly("fine");
    assertThat(producers.get(0).history())
        .extracting(ProducerRecord::key)
        .containsExactly("edits.requested-0-0", "edits.requested-0-1");
    assertThat(producers.get(0).history())
        .extracting(record -> (EditOutcome) record.value())
        .allSatisfy(
            outcome -> {
              assertThat(outcome.getRaw()).isNotNull();
              assertThat(bytes(Topics.OUTCOMES, outcome)).hasSizeLessThan(600_000);
            });
  }

  @Test
  void thoseThatWaitForOthersTakeUpNoRoom() {
    assign("");
    for (int i = 0; i < settings.maxInFlight(); i++) {
      add(i, request("waits-" + i));
      turn(() -> {});
    }
    turn(
        () -> {
          jobs.idle = jobs.taken.size();
          add(settings.maxInFlight(), request("other"));
        });
    turn(() -> {});

    run();

    assertThat(jobs.taken).extracting(job -> job.request.getRequestId()).contains("other");
  }

  /** Nothing is open at first; {@code attempts} is what an earlier worker noted. */
  private void assign(String attempts) {
    turn(
        () -> {
          consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(0, attempts)));
          consumer.rebalance(List.of(PARTITION));
        });
  }

  /** What happens in the loop's next poll. */
  private void turn(Runnable action) {
    consumer.schedulePollTask(action);
    jobs.turns++;
  }

  private void run() {
    loop.run(jobs, Duration.ZERO);
  }

  private void add(long offset, byte[] value) {
    turn(
        () ->
            consumer.addRecord(
                new ConsumerRecord<>(
                    PARTITION.topic(), PARTITION.partition(), offset, "k", value)));
  }

  private byte[] request(String id) {
    return bytes(
        Topics.REQUESTED,
        EditRequested.newBuilder()
            .setRequestId(id)
            .setSource("s3://pictures/a.png")
            .setInstruction("remove the cat")
            .setRequestedAt(Instant.EPOCH)
            .build());
  }

  private byte[] bytes(String topic, SpecificRecord event) {
    return requireNonNull(new EventSerializer<>(registry).serialize(topic, event));
  }

  private Producer<String, SpecificRecord> producer() {
    MockProducer<String, SpecificRecord> producer =
        new MockProducer<>(true, null, new StringSerializer(), new EventSerializer<>(registry));
    producers.add(producer);
    return producer;
  }

  private static WorkerSettings settings() {
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap", "none:9092");
    given.put("registry.url", "http://none");
    given.put("s3.endpoint", "http://none");
    given.put("worker.id", "w-1");
    return WorkerSettings.of(Settings.read(WorkerSettings.DECLARED, given), "none");
  }

  /** Keeps the last commit, also when the partition is gone. */
  private static final class Noting extends MockConsumer<String, byte[]> {
    private OffsetAndMetadata noted = new OffsetAndMetadata(99);

    private Noting() {
      super("earliest");
    }

    @Override
    public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
      super.commitSync(offsets);
      noted = offsets.getOrDefault(PARTITION, noted);
    }
  }

  /** Keeps what it is handed and answers when told; the loop ends after the planned turns. */
  private final class Jobs implements RequestLoop.Jobs {
    private final List<Job> taken = new ArrayList<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private Runnable onAsked = () -> {};
    private int idle;
    private int turns;

    private void fail(int index) {
      Job job = taken.get(index);
      EditFailure failure = EditFailure.failed(FailureKind.INTERNAL, "as planned");
      answers.add(new Answer(job, outcomes.failed(job, failure)));
    }

    @Override
    public void accept(Job job) {
      taken.add(job);
    }

    @Override
    public Optional<Answer> answer() {
      return Optional.ofNullable(answers.poll());
    }

    @Override
    public int idle() {
      return idle;
    }

    @Override
    public boolean isStopping() {
      onAsked.run();
      return turns-- <= 0;
    }
  }
}
