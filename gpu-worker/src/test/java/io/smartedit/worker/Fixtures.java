package io.smartedit.worker;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Priority;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.provenance.Source;
import io.smartedit.service.Settings;
import io.smartedit.worker.fair.Shares;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;

/** What many tests of the worker begin with. */
final class Fixtures {

  static final SchemaRegistry REGISTRY = new InMemorySchemaRegistry();

  /** Made first: it tells Avro to trust the events' classes. */
  static final EventSerializer<SpecificRecord> SERIALIZER = new EventSerializer<>(REGISTRY);

  static final Fairness FAIRNESS =
      new Fairness(Shares.DEFAULT, 64, Lanes.cost(EditOptions.DEFAULT));
  static final TopicPartition PARTITION = new TopicPartition(Topics.REQUESTED, 0);
  static final ManualTime TIME = new ManualTime();

  private Fixtures() {}

  static WorkerSettings settings(String... own) {
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap", "none:9092");
    given.put("registry.url", "http://none");
    given.put("s3.endpoint", "http://none");
    given.put("worker.id", "w-1");
    given.put("http.host", "127.0.0.1");
    given.put("http.port", "0");
    for (int i = 0; i < own.length; i += 2) {
      given.put(own[i], own[i + 1]);
    }
    return WorkerSettings.of(Settings.read(WorkerSettings.DECLARED, given), "none");
  }

  static EditRequested.Builder request(String id) {
    return EditRequested.newBuilder()
        .setRequestId(id)
        .setSource("s3://pictures/a.png")
        .setInstruction("remove the cat")
        .setRequestedAt(Instant.EPOCH);
  }

  static Job job(String id) {
    return job(request(id).build(), 0, Attempts.NONE);
  }

  static Job job(EditRequested request, long offset, Attempts attempts) {
    OffsetLedger ledger = new OffsetLedger(CommitMetadata.NONE);
    ledger.take(offset);
    return job(request, offset, ledger, attempts);
  }

  static Job job(EditRequested request, long offset, OffsetLedger ledger, Attempts attempts) {
    Receipt receipt = new PartitionReceipt(PARTITION, offset, ledger);
    TakenRequest taken = new TakenRequest(receipt, attempts, false, request);
    return new Job(taken, new StageTimes(TIME, TIME, request.getRequestedAt()));
  }

  /** A job that has come as far as this. */
  static Job jobAt(String id, JobState state) {
    return advance(job(id), state);
  }

  static Job advance(Job job, JobState state) {
    for (JobState next : JobState.values()) {
      if (next != JobState.WAITING
          && next.compareTo(job.state()) > 0
          && next.compareTo(state) <= 0) {
        job.moveTo(next);
      }
    }
    return job;
  }

  static ResolvedRequest resolved(Job job) {
    return new ResolvedRequest(
        advance(job, JobState.RESOLVED), "s3://pictures/a.png", EditOptions.DEFAULT);
  }

  static PreparedEdit prepared(Job job) {
    return new PreparedEdit(job, preparedRequest(), Source.of("a.png", png(), TIME));
  }

  /** Of a class, with a square image, in the device. */
  static PreparedEdit prepared(String id, Priority priority, int side) {
    return prepared(id, priority, side, JobState.DENOISING);
  }

  static PreparedEdit prepared(String id, Priority priority, int side, JobState state) {
    String topic =
        switch (priority) {
          case HIGH -> Topics.HIGH;
          case NORMAL -> Topics.REQUESTED;
          case BULK -> Topics.BULK;
        };
    OffsetLedger ledger = new OffsetLedger(CommitMetadata.NONE);
    ledger.take(0);
    Receipt receipt = new PartitionReceipt(new TopicPartition(topic, 0), 0, ledger);
    TakenRequest taken = new TakenRequest(receipt, Attempts.NONE, false, request(id).build());
    Job job = advance(new Job(taken, new StageTimes(TIME, TIME, Instant.EPOCH)), state);
    Image image = new Image(side, side, new byte[side * side * 3]);
    return new PreparedEdit(job, preparedRequest(image), Source.of("a.png", png(), TIME));
  }

  static PreparedRequest preparedRequest() {
    return preparedRequest(image());
  }

  private static PreparedRequest preparedRequest(Image image) {
    return PreparedRequest.of(
        new EditRequest(image, "remove the cat", EditOptions.DEFAULT), image, image);
  }

  static Image image() {
    return new Image(8, 8, new byte[8 * 8 * 3]);
  }

  static byte[] png() {
    return ImageCodec.encode(image(), ImageCodec.Format.PNG);
  }

  /** Endings that remember what they were told. */
  static JobEndings endings(JobEndings.Listener... listeners) {
    return new JobEndings(new Outcomes(settings(), TIME), List.of(listeners));
  }

  static LeaveRules staying() {
    return new LeaveRules(taken -> false, taken -> Optional.empty(), "test", () -> false, TIME);
  }

  static List<JobEndings.Ended> ended(JobEndings endings) {
    List<JobEndings.Ended> all = new ArrayList<>();
    for (JobEndings.Ended next = endings.next(); next != null; next = endings.next()) {
      all.add(next);
    }
    return all;
  }
}
