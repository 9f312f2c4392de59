package io.smartedit.sink;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.Ruling;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Lets a result that waits go on with the first verdict that decides it: later ones meet nothing.
 * What nobody decides in time is blocked, so that every request has its end.
 */
@NullUnmarked // Kafka calls init before process
final class VerdictGate implements Processor<String, EditVerdict, String, EditOutcome> {

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int SLICE = 1000;

  private final RecordCheck check;
  private final Duration longest;
  private ProcessorContext<String, EditOutcome> context;
  private KeyValueStore<String, EditReview> waiting;
  private @Nullable String next;

  /** {@code longest} is how long a result may wait. */
  VerdictGate(PassedOver passedOver, Duration longest) {
    this.check = new RecordCheck(passedOver);
    this.longest = longest;
  }

  @Override
  public void init(ProcessorContext<String, EditOutcome> processorContext) {
    context = processorContext;
    waiting = context.getStateStore(ReviewGate.STORE);
    context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::expire);
  }

  @Override
  public void process(Record<String, EditVerdict> record) {
    EditVerdict verdict = record.value();
    boolean passes =
        check.passes(
            context.recordMetadata(),
            record.key(),
            verdict == null ? null : verdict.getTenant(),
            verdict == null ? null : verdict.getRequestId());
    if (passes && verdict.getRuling() != Ruling.HOLD) {
      decide(verdict, record.timestamp());
    }
  }

  private void decide(EditVerdict verdict, long timestamp) {
    String key = Topics.idKey(verdict.getTenant(), verdict.getRequestId());
    EditReview review = waiting.delete(key);
    if (review != null) {
      EditOutcome outcome = EditOutcome.newBuilder(review.getOutcome()).setVerdict(verdict).build();
      context.forward(new Record<>(verdict.getRequestId(), outcome, timestamp));
    }
  }

  private void expire(long now) {
    List<EditReview> late = new ArrayList<>();
    try (KeyValueIterator<String, EditReview> some = waiting.range(next, null)) {
      for (int i = 0; i < SLICE && some.hasNext(); i++) {
        EditReview review = some.next().value;
        if (now - review.getAt().toEpochMilli() > longest.toMillis()) {
          late.add(review);
        }
      }
      next = some.hasNext() ? some.peekNextKey() : null;
    }
    for (EditReview review : late) {
      EditVerdict verdict =
          EditVerdict.newBuilder()
              .setRequestId(review.getRequestId())
              .setTenant(review.getTenant())
              .setRuling(Ruling.BLOCK)
              .setPolicy("undecided")
              .setReason("nobody decided within " + longest.toHours() + " h")
              .setBy("sink")
              .setAt(Instant.ofEpochMilli(now))
              .build();
      decide(verdict, now);
    }
  }
}
