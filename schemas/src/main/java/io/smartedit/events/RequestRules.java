package io.smartedit.events;

import java.time.Instant;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request must be, whoever sends it: checked at the front door, and again by the worker,
 * because anybody may write to the topic. What a source may name, and whether the model can read
 * the instruction, is checked by those who know. A request that passes has at most {@link
 * #MAX_BYTES}.
 */
public final class RequestRules {

  /** Begins a source that is another request's result. */
  public static final String REQUEST_SOURCE = "request:";

  /** The earliest time that every client's language can express. */
  public static final Instant FIRST_TIME = Instant.parse("0001-01-01T00:00:00Z");

  /** The latest such time. */
  public static final Instant LAST_TIME = Instant.parse("9999-12-31T23:59:59.999Z");

  /** Of a request that passes, in Avro. */
  public static final int MAX_BYTES = 96 << 10;

  /** Characters of an instruction. */
  public static final int MAX_INSTRUCTION = 4000;

  /** Denoising steps. */
  public static final int MAX_STEPS = 1000;

  /** Side of the working image in pixels. */
  public static final int MAX_SIZE = 1024;

  /** What a side of the working image is a multiple of. */
  public static final int SIZE_GRID = 8;

  /** Weight of the instruction or of the source image. */
  public static final double MAX_GUIDANCE = 100;

  /** Lines of one batch. */
  public static final long MAX_BATCH_LINES = 10_000_000;

  /** LoRA adapters of one request. */
  public static final int MAX_ADAPTERS = 4;

  /** How much of an adapter, whatever the sign. */
  public static final double MAX_ADAPTER_SCALE = 4;

  /** Results of one request. */
  public static final int MAX_VARIANTS = 16;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._/-]{0,128}");
  private static final Pattern TRACE =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  /** Spelled out, so that it is the same in every language's expressions. */
  private static final Pattern VISIBLE =
      Pattern.compile(
          "[^\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a"
              + "\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]");

  private static final int MAX_ADDRESS = 1200;
  private static final int MAX_LABELS = 32;
  private static final int MAX_LABEL = 256;
  private static final int MAX_REDRIVES = 1000;
  private static final int MAX_SIDE = 65_535;
  private static final int MAX_QUALITY = 100;
  private static final int SHOWN = 40;

  private RequestRules() {}

  /**
   * Checks a request.
   *
   * @throws InvalidRequestException at the first rule it breaks
   */
  public static void check(EditRequested request) {
    name("requestId", request.getRequestId());
    name("tenant", request.getTenant());
    instruction(request.getInstruction());
    source(request);
    optionalName("sessionId", request.getSessionId());
    optionalName("model", request.getModel());
    optionalName("redriveOf", request.getRedriveOf());
    batch(request);
    labels(request);
    trace(request.getTraceparent());
    options(request.getOptions());
    if (request.getWebhook() != null) {
      address("webhook", request.getWebhook());
    }
    range("redrives", request.getRedrives(), 0, MAX_REDRIVES);
    time("requestedAt", request.getRequestedAt());
    if (request.getDeadline() != null) {
      time("deadline", request.getDeadline());
    }
  }

  /**
   * Whether an event may quote a request. One whose times are out of range may not, because its
   * readers could not read the event; its bytes may stand in its place.
   */
  public static boolean isQuotable(EditRequested request) {
    Instant deadline = request.getDeadline();
    return isTime(request.getRequestedAt()) && (deadline == null || isTime(deadline));
  }

  /** Whether a time may stand in an event: not before {@link #FIRST_TIME}, and so on. */
  public static boolean isTime(Instant time) {
    return !time.isBefore(FIRST_TIME) && !time.isAfter(LAST_TIME);
  }

  /** Checks a request's id, as it is used alone to ask for it or to cancel it. */
  public static void id(String requestId) {
    name("requestId", requestId);
  }

  /** Whether a tenant, a request, a session or a batch may be called this. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Whether a text has the form of a W3C {@code traceparent}. */
  public static boolean isTraceparent(String text) {
    return TRACE.matcher(text).matches();
  }

  private static void time(String field, Instant time) {
    if (!isTime(time)) {
      throw new InvalidRequestException(
          field, "is " + time + ", must be within the years 1 to 9999");
    }
  }

  private static void instruction(String instruction) {
    if (!VISIBLE.matcher(instruction).find()) {
      throw new InvalidRequestException("instruction", "is empty");
    }
    text("instruction", instruction, MAX_INSTRUCTION, c -> !Character.isWhitespace(c));
  }

  private static void source(EditRequested request) {
    String source = request.getSource();
    address("source", source);
    if (source.startsWith(REQUEST_SOURCE)) {
      name("source", source.substring(REQUEST_SOURCE.length()));
      if (request.getSessionId() == null) {
        throw new InvalidRequestException(
            "sessionId", "is missing: edits that build on one another need one");
      }
    }
  }

  private static void address(String field, String address) {
    if (address.isBlank()) {
      throw new InvalidRequestException(field, "is empty");
    }
    text(field, address, MAX_ADDRESS, c -> true);
  }

  /**
   * Text of bounded length that every reader can read.
   *
   * @param refused of the control characters
   */
  private static void text(String field, String text, int most, IntPredicate refused) {
    int characters = text.codePointCount(0, text.length()); // as JSON Schema and people count
    if (characters > most) {
      throw new InvalidRequestException(
          field, "has " + characters + " characters, more than " + most);
    }
    text.codePoints()
        .filter(c -> isSurrogate(c) || (Character.isISOControl(c) && refused.test(c)))
        .findFirst()
        .ifPresent(
            c -> {
              String kind = isSurrogate(c) ? "half a character" : "the control character";
              throw new InvalidRequestException(field, "holds %s U+%04X".formatted(kind, c));
            });
  }

  /** Of a whole text's code points only lone halves are. */
  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private static void options(EditSettings options) {
    optionalRange("options.steps", options.getSteps(), 1, MAX_STEPS);
    Integer size = options.getSize();
    if (size != null && (size < SIZE_GRID || size > MAX_SIZE || size % SIZE_GRID != 0)) {
      throw new InvalidRequestException(
          "options.size",
          "is " + size + ", must be a multiple of " + SIZE_GRID + " up to " + MAX_SIZE);
    }
    guidance("options.guidance", options.getGuidance());
    guidance("options.imageGuidance", options.getImageGuidance());
    prefix(options.getPrefix());
    optionalName("options.sampler", options.getSampler());
    if (options.getMask() != null) {
      address("options.mask", options.getMask());
    }
    if (options.getRegion() != null) {
      region(options.getRegion());
    }
    variants(options);
    optionalRange("options.quality", options.getQuality(), 1, MAX_QUALITY);
    adapters(options.getAdapters());
  }

  private static void adapters(Map<String, Double> adapters) {
    if (adapters.size() > MAX_ADAPTERS) {
      throw new InvalidRequestException(
          "options.adapters", "are " + adapters.size() + ", more than " + MAX_ADAPTERS);
    }
    adapters.forEach(
        (name, scale) -> {
          name("options.adapters", name);
          if (!(Math.abs(scale) <= MAX_ADAPTER_SCALE)) {
            throw new InvalidRequestException(
                "options.adapters." + name,
                "is %s, must be from %s to %s"
                    .formatted(scale, -MAX_ADAPTER_SCALE, MAX_ADAPTER_SCALE));
          }
        });
  }

  private static void variants(EditSettings options) {
    range("options.variants", options.getVariants(), 1, MAX_VARIANTS);
    long last = Long.MAX_VALUE - options.getVariants() + 1;
    if (options.getSeed() > last) {
      throw new InvalidRequestException(
          "options.seed",
          "is "
              + options.getSeed()
              + ", must be at most "
              + last
              + " for "
              + options.getVariants()
              + " variants");
    }
  }

  private static void prefix(String prefix) {
    boolean climbs = ("/" + prefix + "/").contains("/../") || ("/" + prefix + "/").contains("/./");
    if (!PREFIX.matcher(prefix).matches() || climbs || prefix.contains("//")) {
      throw new InvalidRequestException(
          "options.prefix",
          "is "
              + shown(prefix)
              + ", must have at most 128 of A-Z a-z 0-9 . _ - / and no empty, . or .. folders");
    }
  }

  private static void region(Region region) {
    range("options.region.x", region.getX(), 0, MAX_SIDE);
    range("options.region.y", region.getY(), 0, MAX_SIDE);
    range("options.region.width", region.getWidth(), 1, MAX_SIDE);
    range("options.region.height", region.getHeight(), 1, MAX_SIDE);
  }

  private static void guidance(String field, @Nullable Double value) {
    if (value != null && !(value >= 0 && value <= MAX_GUIDANCE)) {
      throw new InvalidRequestException(
          field, "is " + value + ", must be from 0 to " + MAX_GUIDANCE);
    }
  }

  private static void optionalRange(String field, @Nullable Integer value, int least, int most) {
    if (value != null) {
      range(field, value, least, most);
    }
  }

  private static void range(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw new InvalidRequestException(
          field, "is " + value + ", must be from " + least + " to " + most);
    }
  }

  private static void batch(EditRequested request) {
    optionalName("batch", request.getBatch());
    long line = request.getBatchLine();
    long least = request.getBatch() == null ? 0 : 1;
    long most = request.getBatch() == null ? 0 : MAX_BATCH_LINES;
    if (line < least || line > most) {
      throw new InvalidRequestException(
          "batchLine", "is " + line + ", must be from " + least + " to " + most);
    }
  }

  private static void labels(EditRequested request) {
    int count = request.getLabels().size();
    if (count > MAX_LABELS) {
      throw new InvalidRequestException("labels", "are " + count + ", more than " + MAX_LABELS);
    }
    request
        .getLabels()
        .forEach(
            (key, value) -> {
              text("labels", key, MAX_LABEL, c -> false);
              text("labels." + shown(key), value, MAX_LABEL, c -> false);
            });
  }

  private static void trace(@Nullable String traceparent) {
    if (traceparent != null && !isTraceparent(traceparent)) {
      throw new InvalidRequestException(
          "traceparent", "is " + shown(traceparent) + ", which is not a W3C traceparent");
    }
  }

  private static void optionalName(String field, @Nullable String value) {
    if (value != null) {
      name(field, value);
    }
  }

  private static void name(String field, String value) {
    if (!isName(value)) {
      throw new InvalidRequestException(
          field,
          "must have 1 to 64 characters of A-Z a-z 0-9 . _ - and begin with a letter or a digit, is "
              + shown(value));
    }
  }

  /** The beginning of a value, fit to be printed. */
  private static String shown(String value) {
    String start = value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value;
    return "'" + start.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?") + "'";
  }
}
