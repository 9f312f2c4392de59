package io.smartedit.sink.calls;

import io.smartedit.events.OutgoingCall;
import io.smartedit.events.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The calls that are to be made, on disk: all of them by queue, request and turn, and, of each
 * request only the first, by queue and time. So calls of one request keep their order, and what is
 * due in a queue is found without looking at the rest. Used by the stream's thread.
 *
 * <p>Keys are made of a queue's name (hexadecimal), times and turns (16 hexadecimal digits) and
 * names; {@code |} lies between them and sorts behind all of these.
 */
final class CallBook {

  /** Calls by queue, request and turn. */
  static final String CALLS = "calls";

  /** Keys of calls by queue and time. */
  static final String DUE = "calls-due";

  private static final String BEHIND = "~";

  private final KeyValueStore<String, OutgoingCall> calls;
  private final KeyValueStore<String, String> due;

  CallBook(KeyValueStore<String, OutgoingCall> calls, KeyValueStore<String, String> due) {
    this.calls = calls;
    this.due = due;
  }

  /** Notes a call, behind those of the same request in the same queue. */
  void add(OutgoingCall call) {
    String lane = lane(call);
    long turn = 0;
    try (KeyValueIterator<String, OutgoingCall> last = calls.reverseRange(lane, lane + BEHIND)) {
      if (last.hasNext()) {
        turn = Long.parseLong(last.peekNextKey().substring(lane.length()), 16) + 1;
      }
    }
    boolean first = firstOf(lane) == null;
    String key = lane + hex(turn);
    calls.put(key, call);
    if (first) {
      due.put(dueKey(call), key);
    }
  }

  @Nullable OutgoingCall get(String key) {
    return calls.get(key);
  }

  /** Another time for a call. */
  void move(String key, OutgoingCall before, OutgoingCall after) {
    due.delete(dueKey(before));
    calls.put(key, after);
    due.put(dueKey(after), key);
  }

  /** Takes a call out; the next of its request has its turn. */
  void end(String key, OutgoingCall call, long now) {
    calls.delete(key);
    due.delete(dueKey(call));
    String next = firstOf(lane(call));
    OutgoingCall waiting = next == null ? null : calls.get(next);
    if (next != null && waiting != null) {
      OutgoingCall ready =
          OutgoingCall.newBuilder(waiting).setDueAt(Instant.ofEpochMilli(now)).build();
      calls.put(next, ready);
      due.put(dueKey(ready), next);
    }
  }

  /** The queue behind another, or the first; null where there is none. */
  @Nullable String queueAfter(@Nullable String queue) {
    String from = queue == null ? null : queue + BEHIND;
    try (KeyValueIterator<String, String> rest = due.range(from, null)) {
      if (!rest.hasNext()) {
        return null;
      }
      String key = rest.peekNextKey();
      return key.substring(0, key.indexOf('|'));
    }
  }

  /** Keys of calls of a queue that are due, the oldest first. */
  List<String> due(String queue, long now, int most) {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, String> some =
        due.range(queue + "|", queue + "|" + hex(now) + BEHIND)) {
      while (some.hasNext() && keys.size() < most) {
        keys.add(some.next().value);
      }
    }
    return keys;
  }

  private @Nullable String firstOf(String lane) {
    try (KeyValueIterator<String, OutgoingCall> some = calls.range(lane, lane + BEHIND)) {
      return some.hasNext() ? some.peekNextKey() : null;
    }
  }

  private static String lane(OutgoingCall call) {
    return call.getQueue() + "|" + requestKey(call) + "|";
  }

  private static String dueKey(OutgoingCall call) {
    return call.getQueue() + "|" + hex(call.getDueAt().toEpochMilli()) + "|" + requestKey(call);
  }

  private static String requestKey(OutgoingCall call) {
    return Topics.idKey(call.getTenant(), call.getRequestId());
  }

  private static String hex(long number) {
    return "%016x".formatted(number);
  }
}
