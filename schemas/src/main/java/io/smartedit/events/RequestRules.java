package io.smartedit.events;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request must be, whoever sends it: checked at the front door, and again by the worker,
 * because anybody may write to the topic. What a source may name, and whether the model can read
 * the instruction, is checked by those who know. A request that passes is of bounded size.
 */
public final class RequestRules {

  /** Begins a source that is another request's result. */
  public static final String REQUEST_SOURCE = "request:";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._/-]{0,128}");
  private static final Pattern TRACE =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  /** Spelled out, so that it is the same in every language's expressions. */
  private static final Pattern VISIBLE =
      Pattern.compile(
          "[^\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a"
              + "\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]");

  private static final int MAX_INSTRUCTION = 4000;
  private static final int MAX_SOURCE = 1200;
  private static final int MAX_LABELS = 32;
  private static final int MAX_LABEL = 256;
  private static final int MAX_STEPS = 1000;
  private static final int MAX_SIZE = 1024;
  private static final int GRID = 8;
  private static final double MAX_GUIDANCE = 100;

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
    labels(request);
    trace(request.getTraceparent());
    options(request.getOptions());
  }

  /** Checks a request's id, as it is used alone to ask for it or to cancel it. */
  public static void id(String requestId) {
    name("requestId", requestId);
  }

  /** Whether a tenant, a request or a session may be called this. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Whether a text has the form of a W3C {@code traceparent}. */
  public static boolean isTraceparent(String text) {
    return TRACE.matcher(text).matches();
  }

  private static void instruction(String instruction) {
    if (!VISIBLE.matcher(instruction).find()) {
      throw new InvalidRequestException("instruction", "is empty");
    }
    if (characters(instruction) > MAX_INSTRUCTION) {
      throw new InvalidRequestException(
          "instruction",
          "has " + characters(instruction) + " characters, more than " + MAX_INSTRUCTION);
    }
  }

  private static void source(EditRequested request) {
    String source = request.getSource();
    if (characters(source) > MAX_SOURCE) {
      throw new InvalidRequestException(
          "source", "has " + characters(source) + " characters, more than " + MAX_SOURCE);
    }
    if (source.startsWith(REQUEST_SOURCE)) {
      name("source", source.substring(REQUEST_SOURCE.length()));
      if (request.getSessionId() == null) {
        throw new InvalidRequestException(
            "sessionId", "is missing: edits that build on one another need one");
      }
    }
  }

  private static void options(EditSettings options) {
    Integer steps = options.getSteps();
    if (steps != null && (steps < 1 || steps > MAX_STEPS)) {
      throw new InvalidRequestException(
          "options.steps", "is " + steps + ", must be from 1 to " + MAX_STEPS);
    }
    Integer size = options.getSize();
    if (size != null && (size < GRID || size > MAX_SIZE || size % GRID != 0)) {
      throw new InvalidRequestException(
          "options.size", "is " + size + ", must be a multiple of " + GRID + " up to " + MAX_SIZE);
    }
    guidance("options.guidance", options.getGuidance());
    guidance("options.imageGuidance", options.getImageGuidance());
    String prefix = options.getPrefix();
    boolean climbs = ("/" + prefix + "/").contains("/../") || ("/" + prefix + "/").contains("/./");
    if (!PREFIX.matcher(prefix).matches() || climbs || prefix.contains("//")) {
      throw new InvalidRequestException(
          "options.prefix", "must have at most 128 of A-Z a-z 0-9 . _ - / and no . or .. folders");
    }
  }

  private static void guidance(String field, @Nullable Double value) {
    if (value != null && !(value >= 0 && value <= MAX_GUIDANCE)) {
      throw new InvalidRequestException(
          field, "is " + value + ", must be from 0 to " + MAX_GUIDANCE);
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
              if (characters(key) > MAX_LABEL || characters(value) > MAX_LABEL) {
                throw new InvalidRequestException(
                    "labels", "hold one of more than " + MAX_LABEL + " characters");
              }
            });
  }

  /** As JSON Schema and people count: a pair of surrogates is one. */
  private static int characters(String text) {
    return text.codePointCount(0, text.length());
  }

  private static void trace(@Nullable String traceparent) {
    if (traceparent != null && !isTraceparent(traceparent)) {
      throw new InvalidRequestException("traceparent", "is not a W3C traceparent");
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
          "must have 1 to 64 characters of A-Z a-z 0-9 . _ - and begin with a letter or a digit");
    }
  }
}
