package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smartedit.events.AttemptPlace;
import io.smartedit.events.EditAttempt;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.worker.OutcomePublisher.Result;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What workers of a share group note of requests before their devices begin, on {@code
 * edits.attempts}: what {@link CommitMetadata} is to partitions. Used by the requests thread.
 */
final class AttemptNotes implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AttemptNotes.class);
  private static final TopicPartition NOTES = new TopicPartition(Topics.ATTEMPTS, 0);
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int MOST_POLLS = 500;
  private static final int REMEMBERED = 200_000;

  private final Consumer<String, byte[]> consumer;
  private final DurablePublisher publisher;
  private final EventDeserializer<EditAttempt> deserializer;
  private final String worker;
  private final Clock clock;
  private final Cache<String, Note> notes = Caffeine.newBuilder().maximumSize(REMEMBERED).build();
  private Instant outsideDeath = Instant.EPOCH;

  /** The last that was noted of a request, and by which run of a worker. */
  private record Note(Attempts attempts, AttemptMark mark, String worker) {}

  /**
   * The notes own the consumer, which is in no group.
   *
   * @param worker names this run of the worker: no other has the same
   */
  AttemptNotes(
      Consumer<String, byte[]> consumer,
      DurablePublisher publisher,
      SchemaRegistry registry,
      String worker,
      Clock clock) {
    this.consumer = consumer;
    this.publisher = publisher;
    this.deserializer = new EventDeserializer<>(registry, EditAttempt.getClassSchema());
    this.worker = worker;
    this.clock = clock;
  }

  /** Reads to the end of the topic as it is now; false where that cannot be done now. */
  boolean catchUp() {
    try {
      if (consumer.assignment().isEmpty()) {
        consumer.assign(Set.of(NOTES));
        consumer.seekToBeginning(Set.of(NOTES));
      }
      long end = consumer.endOffsets(Set.of(NOTES), SHORT).getOrDefault(NOTES, 0L);
      for (int i = 0; i < MOST_POLLS && consumer.position(NOTES, SHORT) < end; i++) {
        consumer.poll(POLL).forEach(this::read);
      }
      return consumer.position(NOTES, SHORT) >= end;
    } catch (KafkaException e) {
      LOG.warn("how earlier workers fared is not known now: {}", e.getMessage());
      return false;
    }
  }

  private void read(ConsumerRecord<String, byte[]> record) {
    try {
      EditAttempt said = deserializer.deserialize(record.topic(), record.value());
      if (said == null) {
        return;
      }
      Attempts attempts = new Attempts(said.getBegun(), said.getAlone());
      notes.put(
          key(said.getTenant(), said.getRequestId()),
          new Note(attempts, mark(said.getPlace()), said.getWorker()));
      if (said.getCameToItsEnd() && said.getAt().isAfter(outsideDeath)) {
        outsideDeath = said.getAt();
      }
    } catch (RuntimeException e) {
      LOG.warn("{}-{} notes nothing: {}", record.topic(), record.offset(), e.getMessage());
    }
  }

  /**
   * How earlier workers fared with a request. Of a first delivery nobody died; what was noted of an
   * earlier record of the same request is not forgotten.
   *
   * @param deliveries of its record, this one included
   */
  Attempts of(EditRequested request, int deliveries) {
    Note note = notes.getIfPresent(key(request.getTenant(), request.getRequestId()));
    if (note == null) {
      return Attempts.NONE;
    }
    boolean died = deliveries > 1 && !note.worker().equals(worker);
    return died ? note.attempts().afterDeath(note.mark()) : note.attempts();
  }

  /** As {@link PoisonRule} says, with what the whole group saw. */
  boolean isPoison(Attempts attempts) {
    return PoisonRule.isDoubtful(attempts)
        && PoisonRule.isPoison(attempts, outsideDeath, clock.instant());
  }

  /** Says what is noted of these; whether it is on the broker. */
  boolean note(Collection<SharedReceipt> receipts) {
    return publish(receipts, false);
  }

  /** A request over which a worker died while it ran alone came to its end. */
  void cameToItsEnd(SharedReceipt suspect) {
    publish(List.of(suspect), true);
  }

  private boolean publish(Collection<SharedReceipt> receipts, boolean ended) {
    List<ProducerRecord<String, SpecificRecord>> records = new ArrayList<>();
    for (SharedReceipt receipt : receipts) {
      EditRequested request = receipt.request();
      if (request != null) {
        EditAttempt event =
            EditAttempt.newBuilder()
                .setTenant(request.getTenant())
                .setRequestId(request.getRequestId())
                .setWorker(worker)
                .setBegun(receipt.attempts().begun())
                .setAlone(receipt.attempts().alone())
                .setPlace(place(receipt.mark()))
                .setCameToItsEnd(ended)
                .setAt(clock.instant())
                .build();
        String key = key(request.getTenant(), request.getRequestId());
        records.add(new ProducerRecord<>(Topics.ATTEMPTS, 0, key, event));
      }
    }
    return records.isEmpty() || publisher.publish(records) == Result.PUBLISHED;
  }

  private static String key(String tenant, String requestId) {
    return tenant + "/" + requestId;
  }

  private static AttemptPlace place(AttemptMark mark) {
    return switch (mark) {
      case NONE -> AttemptPlace.OUTSIDE;
      case SHARED -> AttemptPlace.SHARED;
      case ALONE -> AttemptPlace.ALONE;
    };
  }

  private static AttemptMark mark(AttemptPlace place) {
    return switch (place) {
      case OUTSIDE -> AttemptMark.NONE;
      case SHARED -> AttemptMark.SHARED;
      case ALONE -> AttemptMark.ALONE;
    };
  }

  @Override
  public void close() {
    consumer.close();
  }
}
