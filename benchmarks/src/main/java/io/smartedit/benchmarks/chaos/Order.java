package io.smartedit.benchmarks.chaos;

import static java.util.Objects.requireNonNull;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.OutputFormat;
import io.smartedit.events.Priority;
import io.smartedit.standalone.local.LocalStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is put into the stream, and what must become of it.
 *
 * @param at after the first
 * @param request none where it is only bytes
 * @param bytes none where it is a request
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor hashed
record Order(Duration at, Kind kind, @Nullable EditRequested request, byte @Nullable [] bytes) {

  private static final int MAX_STEPS = 40;
  private static final int HEADER = 5;

  /** What is sent, and how many of a thousand. */
  enum Kind {
    /** Must complete. */
    SOUND(650),
    /** As {@link #SOUND}, by HTTP. */
    HTTP(100),
    /** As {@link #SOUND}, on the topic for bulk. */
    BULK(80),
    /** Builds on the result of the one before; must complete. */
    TURN(60),
    /** Cancelled soon after; may complete or be cancelled. */
    CANCELLED(30),
    /** Its source does not exist, is no image, or its instruction is empty: must be rejected. */
    UNSOUND(30),
    /** Its deadline has passed: must expire. */
    LATE(15),
    /** No request at all: must be rejected with its bytes. */
    UNDECODABLE(30),
    /** Ends its worker's process: must fail. */
    POISON(5);

    private final int permille;

    Kind(int permille) {
      this.permille = permille;
    }

    /** Whether anything but completion is a violation. */
    boolean isInnocent() {
      return this == SOUND || this == HTTP || this == BULK || this == TURN;
    }
  }

  /**
   * The orders of a run, spread evenly over a time with some jitter.
   *
   * @param poison whether some end their worker's process
   */
  static List<Order> plan(long seed, int count, Duration time, boolean poison) {
    SplittableRandom random = new SplittableRandom(seed ^ 0x5EED);
    List<Order> orders = new ArrayList<>();
    long gap = time.toMillis() / Math.max(1, count);
    for (int i = 0; i < count; i++) {
      Duration at = Duration.ofMillis(i * gap + random.nextLong(Math.max(1, gap)));
      Order last = orders.isEmpty() ? null : orders.get(orders.size() - 1);
      Kind kind = kind(random, i, count, last);
      kind = kind == Kind.POISON && !poison ? Kind.SOUND : kind;
      orders.add(order(random, at, kind, i, last));
    }
    return orders;
  }

  /** Short runs have one of each kind, too. */
  private static Kind kind(SplittableRandom random, int i, int count, @Nullable Order last) {
    Kind kind = Kind.SOUND;
    Kind[] kinds = Kind.values();
    if (i % Math.max(1, count / kinds.length) == 0
        && i / Math.max(1, count / kinds.length) < kinds.length) {
      kind = kinds[i / Math.max(1, count / kinds.length)];
    } else {
      int drawn = random.nextInt(1000);
      for (Kind one : kinds) {
        drawn -= one.permille;
        if (drawn < 0) {
          kind = one;
          break;
        }
      }
    }
    boolean first = last == null || last.request == null || !last.kind.isInnocent();
    return kind == Kind.TURN && first ? Kind.SOUND : kind;
  }

  private static Order order(
      SplittableRandom random, Duration at, Kind kind, int number, @Nullable Order last) {
    if (kind == Kind.UNDECODABLE) {
      return new Order(at, kind, null, rubbish(random));
    }
    String id = String.format("c%05d", number);
    EditRequested.Builder request =
        EditRequested.newBuilder()
            .setRequestId(id)
            .setSource(
                "s3://" + LocalStream.INBOX + "/" + Sources.name(random.nextInt(Sources.COUNT)))
            .setSessionId("s-" + number)
            .setInstruction("change nothing")
            .setOptions(
                EditSettings.newBuilder()
                    .setSteps(1 + random.nextInt(MAX_STEPS))
                    .setFormat(random.nextInt(4) == 0 ? OutputFormat.JPEG : OutputFormat.PNG)
                    .build())
            .setRequestedAt(Instant.EPOCH);
    switch (kind) {
      case BULK -> request.setPriority(Priority.BULK);
      case TURN -> {
        EditRequested origin = requireNonNull(requireNonNull(last).request);
        request
            .setSource("request:" + origin.getRequestId())
            .setSessionId(origin.getSessionId())
            .setPriority(origin.getPriority());
      }
      case UNSOUND -> unsound(random, request);
      case LATE -> request.setDeadline(Instant.parse("2020-01-01T00:00:00Z"));
      case POISON -> request.setInstruction(DeadlyEditor.POISON);
      default -> {
        // as it is
      }
    }
    return new Order(at, kind, request.build(), null);
  }

  private static void unsound(SplittableRandom random, EditRequested.Builder request) {
    switch (random.nextInt(3)) {
      case 0 -> request.setSource("s3://" + LocalStream.INBOX + "/chaos/nowhere.png");
      case 1 -> request.setSource("s3://" + LocalStream.INBOX + "/" + Sources.NO_IMAGE);
      default -> request.setInstruction("");
    }
  }

  /** Bytes of the kinds that are seen in the wild. */
  private static byte[] rubbish(SplittableRandom random) {
    switch (random.nextInt(5)) {
      case 0 -> {
        return new byte[0];
      }
      case 1 -> {
        return "{\"requestId\": \"json\"}".getBytes(StandardCharsets.UTF_8);
      }
      case 2 -> { // a schema that nobody has registered
        return ByteBuffer.allocate(HEADER + 8).put((byte) 0).putInt(1_000_000).array();
      }
      case 3 -> { // a string of 3 GB, it says
        return new byte[] {0, 0, 0, 0, 1, -64, -68, -31, -51, 22};
      }
      default -> {
        byte[] bytes = new byte[1 + random.nextInt(200)];
        random.nextBytes(bytes);
        bytes[0] |= 1; // not the wire format's first byte
        return bytes;
      }
    }
  }
}
