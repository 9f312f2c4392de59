package io.smartedit.sink.routing;

import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.WorkerGroup;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends requests that were handed on to a model whose workers have all gone since, once nobody has
 * announced it for as long as a request waits for a model. Each is cancelled for the workers, too,
 * so that one that comes back does not begin it; of outcomes that meet, the sink keeps the first.
 *
 * <p>Works on a thread of its own. Several instances would say the same; one is enough.
 */
public final class StrandedRequests implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StrandedRequests.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final int PARTS = 20;

  private final Knowledge.Facts facts;
  private final Duration patience;
  private final BooleanSupplier isMine;
  private final Clock clock;
  private final EventDeserializer<EditRequested> deserializer;
  private final ModelQueues queues;
  private final Producer<String, SpecificRecord> producer;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "stranded"));
  private final Map<String, Instant> gone = new HashMap<>();
  private final Map<TopicPartition, Long> ended = new HashMap<>();
  private volatile boolean isIncomplete;

  /**
   * {@code knowledge} stays the caller's.
   *
   * @param kafka settings of a Kafka client
   * @param isMine whether this instance does it now
   */
  public StrandedRequests(
      RoutingSettings settings,
      Map<String, Object> kafka,
      SchemaRegistry registry,
      Knowledge knowledge,
      BooleanSupplier isMine) {
    this.facts = knowledge.facts();
    this.patience = settings.patience();
    this.isMine = isMine;
    this.clock = Clock.systemUTC();
    deserializer = new EventDeserializer<>(registry, EditRequested.getClassSchema());
    queues = new ModelQueues(kafka, settings.workers());
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    producer = new KafkaProducer<>(config, new StringSerializer(), new EventSerializer<>(registry));
  }

  /** Begins to look. */
  public void start() {
    Duration part = patience.dividedBy(PARTS);
    Duration pause =
        part.compareTo(SHORTEST) < 0 ? SHORTEST : part.compareTo(LONGEST) > 0 ? LONGEST : part;
    var unused =
        thread.scheduleWithFixedDelay(
            this::look, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      Optional<Instant> since = facts.since().get();
      Instant now = clock.instant();
      if (!isMine.getAsBoolean()
          || since.isEmpty()
          || now.isBefore(since.get().plus(ModelRouter.SETTLING))) {
        gone.clear(); // what could not be followed does not count
        return;
      }
      if (isIncomplete) {
        isIncomplete = false;
        ended.clear();
      }
      Map<String, Set<String>> topics = queues.topics();
      gone.keySet().retainAll(topics.keySet());
      for (String model : topics.keySet()) {
        if (facts.workers().serves(model)) {
          gone.remove(model);
        } else if (now.isAfter(gone.computeIfAbsent(model, key -> now).plus(patience))) {
          end(model, topics.getOrDefault(model, Set.of()), now);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (KafkaException e) { // a broker or a registry that is away; the next look finds it
      LOG.warn("requests whose model has no workers are looked for again: {}", e.getMessage());
    } catch (RuntimeException e) { // else nobody would look any more
      LOG.error("requests whose model has no workers are looked for again", e);
    }
  }

  private void end(String model, Set<String> topics, Instant now) throws InterruptedException {
    for (WorkerGroup.Queue queue : queues.of(topics)) {
      long from = Math.max(queue.begin(), ended.getOrDefault(queue.partition(), 0L));
      long to =
          queues.read(queue.partition(), from, queue.end(), record -> end(record, model, now));
      producer.flush();
      ended.put(queue.partition(), to);
    }
  }

  /** Whether it could be ended; what rests is left where it is. */
  private boolean end(ConsumerRecord<byte[], byte[]> record, String model, Instant now) {
    Arrival arrival = Arrival.of(deserializer, record.value());
    if (arrival instanceof Arrival.Proper proper) {
      EditRequested request = proper.request();
      if (facts.pauses().of(request).isPresent() || facts.workers().serves(model)) {
        return false;
      }
      EditOutcome outcome = outcome(request, model, now);
      cancel(request, now);
      publish(outcome);
    } else if (arrival instanceof Arrival.Refused refused) {
      String place = Endings.place(record.topic(), record.partition(), record.offset());
      publish(refused.outcome(place, record.value(), now));
    }
    return true;
  }

  private EditOutcome outcome(EditRequested request, String model, Instant now) {
    return Endings.unwanted(request, facts.withdrawn(), now)
        .orElseGet(
            () ->
                Endings.rejected(request, Endings.unserved(model, patience, facts.workers()), now));
  }

  private void cancel(EditRequested request, Instant now) {
    String tenant = request.getTenant();
    String id = request.getRequestId();
    EditCancelled event =
        EditCancelled.newBuilder().setRequestId(id).setTenant(tenant).setCancelledAt(now).build();
    send(Topics.CANCELLED, Topics.idKey(tenant, id), event);
  }

  private void publish(EditOutcome outcome) {
    send(Topics.OUTCOMES, outcome.getRequestId(), outcome);
  }

  private void send(String topic, String key, SpecificRecord event) {
    var unused =
        producer.send(
            new ProducerRecord<>(topic, key, event),
            (place, failure) -> {
              if (failure != null) { // the records lie there yet, and are ended in the next look
                LOG.warn("{} of {} was not taken: {}", topic, key, failure.getMessage());
                isIncomplete = true;
              }
            });
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("requests whose model has no workers are still being looked at");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(SHORTEST);
    queues.close();
  }
}
