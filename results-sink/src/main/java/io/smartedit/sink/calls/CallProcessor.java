package io.smartedit.sink.calls;

import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.OutgoingCall;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the calls that come to it, at least once each and in order within a request, and hands on
 * what follows. A call that is not taken is tried again, at growing pauses, until its time is over.
 * What waits lies on disk; what is under way is bounded, for each endpoint and together, and slow
 * endpoints have half of the places. An endpoint that is down is tried with one call at a time.
 */
@NullUnmarked // Kafka calls init before process
public final class CallProcessor
    implements Processor<String, OutgoingCall, String, SpecificRecord> {

  private static final Logger LOG = LoggerFactory.getLogger(CallProcessor.class);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int AT_ONCE = 32;
  private static final int QUEUES_A_TURN = 64;
  private static final int CALLS_A_QUEUE = 64;
  private static final int REMEMBERED = 10_000;

  private final String name;
  private final Correspondent correspondent;
  private final CallRules rules;
  private final CallHttp http;
  private final MeterRegistry meters;
  private final Map<String, OutgoingCall> inFlight = new HashMap<>();
  private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
  private final Map<String, QueueHealth> healths =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, QueueHealth> eldest) {
          return size() > REMEMBERED && eldest.getValue().isIdle();
        }
      };
  private ProcessorContext<String, SpecificRecord> context;
  private CallBook book;
  private @Nullable String cursor;
  private int slowInFlight;

  private record Ended(String key, boolean wasSlow, Reply reply) {}

  /**
   * @param name of its meter's {@code kind}
   */
  public CallProcessor(
      String name,
      Correspondent correspondent,
      CallRules rules,
      CallHttp http,
      MeterRegistry meters) {
    this.name = name;
    this.correspondent = correspondent;
    this.rules = rules;
    this.http = http;
    this.meters = meters;
  }

  /** Adds the stores that it needs. */
  public static String[] addStores(StreamsBuilder builder, Serde<OutgoingCall> serde) {
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(CallBook.CALLS), Serdes.String(), serde));
    builder.addStateStore(
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(CallBook.DUE), Serdes.String(), Serdes.String()));
    return new String[] {CallBook.CALLS, CallBook.DUE};
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> processorContext) {
    context = processorContext;
    book = new CallBook(context.getStateStore(CallBook.CALLS), context.getStateStore(CallBook.DUE));
    context.schedule(PAUSE, PunctuationType.WALL_CLOCK_TIME, this::turn);
  }

  @Override
  public void process(Record<String, OutgoingCall> record) {
    book.add(record.value());
  }

  private void turn(long now) {
    for (Ended one = ended.poll(); one != null; one = ended.poll()) {
      end(one, now);
    }
    for (int i = 0; i < QUEUES_A_TURN; i++) {
      cursor = book.queueAfter(cursor);
      if (cursor == null) {
        return;
      }
      serve(cursor, now);
    }
  }

  private void serve(String queue, long now) {
    QueueHealth health = healths.computeIfAbsent(queue, name -> new QueueHealth());
    for (String key : book.due(queue, now, CALLS_A_QUEUE)) {
      OutgoingCall call = book.get(key);
      if (call == null || inFlight.containsKey(key)) {
        continue;
      }
      if (now - call.getCreatedAt().toEpochMilli() > rules.limit().toMillis()) {
        giveUp(key, call, "not taken within " + rules.limit().toMinutes() + " min", now);
        continue;
      }
      boolean full = inFlight.size() >= AT_ONCE || (health.isSlow() && slowInFlight >= AT_ONCE / 2);
      if (full || health.room(now) <= 0) {
        return;
      }
      begin(key, call, health, now);
    }
  }

  private void begin(String key, OutgoingCall call, QueueHealth health, long now) {
    boolean slow = health.isSlow();
    try {
      http.send(correspondent.request(call), reply -> ended.add(new Ended(key, slow, reply)));
    } catch (CallRefusedException e) {
      giveUp(key, call, String.valueOf(e.getMessage()), now);
      return;
    }
    inFlight.put(key, call);
    health.begun();
    slowInFlight += slow ? 1 : 0;
  }

  private void end(Ended one, long now) {
    OutgoingCall call = inFlight.remove(one.key());
    Reply reply = one.reply();
    QueueHealth health = healths.computeIfAbsent(call.getQueue(), name -> new QueueHealth());
    health.ended(reply);
    slowInFlight -= one.wasSlow() ? 1 : 0;
    if (reply.isGood() && isDelivered(one.key(), call, reply, now)) {
      health.answered();
      return;
    }
    if (reply.refused() || reply.status() == 410) {
      giveUp(one.key(), call, reply.said(), now);
      return;
    }
    int attempts = call.getAttempts() + 1;
    long pause = rules.pauseMillis(attempts, call.getId(), reply.retryAfter());
    if (reply.isOfThisCall()) {
      health.answered();
    } else {
      int outages = Math.max(1, health.failed(now));
      health.rest(now + rules.pauseMillis(outages, call.getQueue(), reply.retryAfter()));
    }
    count("retried");
    LOG.info("{} {} waits for {} ms: {}", name, call.getId(), pause, reply.said());
    OutgoingCall again =
        OutgoingCall.newBuilder(call)
            .setAttempts(attempts)
            .setLastError(reply.said())
            .setDueAt(Instant.ofEpochMilli(now + pause))
            .build();
    book.move(one.key(), call, again);
  }

  private boolean isDelivered(String key, OutgoingCall call, Reply reply, long now) {
    SpecificRecord event;
    try {
      event = correspondent.delivered(call, reply);
    } catch (IllegalArgumentException e) {
      LOG.warn("{} {}: the answer cannot be used: {}", name, call.getId(), e.getMessage());
      return false;
    }
    forward(call, event, now);
    count("delivered");
    book.end(key, call, now);
    return true;
  }

  private void giveUp(String key, OutgoingCall call, String why, long now) {
    String last = call.getLastError();
    String reason = last == null ? why : why + "; last: " + last;
    LOG.warn(
        "{} {} of request {} is given up: {}", name, call.getId(), call.getRequestId(), reason);
    forward(call, correspondent.givenUp(call, reason), now);
    count("given_up");
    book.end(key, call, now);
  }

  private void forward(OutgoingCall call, @Nullable SpecificRecord event, long now) {
    if (event != null) {
      context.forward(new Record<>(call.getRequestId(), event, now));
    }
  }

  private void count(String result) {
    meters.counter("smartedit.sink.calls", "kind", name, "result", result).increment();
  }
}
