package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.smartedit.service.Problem;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A field of a JSON request: its value, read as the type it must have, and its name for what is to
 * be said of it. Types are JSON Schema's: 4.0 and 4e0 are whole numbers, null is of no other type.
 *
 * @param name with the names of what it lies in, as {@code options.seed}
 */
record JsonField(String name, JsonNode node) {

  private static final int MAX_SHOWN = 64;

  /** RFC 3339 with Java's offsets, in the years that every client can read. */
  private static final Pattern TIME =
      Pattern.compile(
          "(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
              + "(?:\\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9])");

  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

  /** A field that is not as it must be; {@code fault} follows its name. */
  static Problem refused(String name, String fault) {
    String shown = shown(name);
    return Problem.of(shown, shown + " " + fault);
  }

  static Problem unknown(String name, Set<String> known) {
    return refused(name, "is not known; there are " + String.join(", ", new TreeSet<>(known)));
  }

  String text() {
    String text = require(node.isTextual(), "a string").asText();
    if (text.codePoints().anyMatch(point -> point >= 0xd800 && point <= 0xdfff)) {
      throw refused(name, "holds half a surrogate pair");
    }
    return text;
  }

  int wholeInt() {
    return (int) whole(Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  long wholeLong() {
    return whole(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Compares before it converts: 1e999999999 is a short text and a long number. */
  private long whole(long least, long most) {
    BigDecimal value = require(node.isNumber(), "a whole number").decimalValue();
    if (value.compareTo(BigDecimal.valueOf(least)) < 0
        || value.compareTo(BigDecimal.valueOf(most)) > 0) {
      throw refused(name, "is " + shown(node.asText()) + ", must be from " + least + " to " + most);
    }
    require(value.stripTrailingZeros().scale() <= 0, "a whole number");
    return value.longValueExact();
  }

  double number() {
    return require(node.isNumber(), "a number").doubleValue();
  }

  boolean flag() {
    return require(node.isBoolean(), "true or false").booleanValue();
  }

  Instant instant() {
    String text = text();
    try {
      if (TIME.matcher(text).matches()) {
        Instant time = OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS);
        return time.isBefore(FIRST) ? FIRST : time.isAfter(LAST) ? LAST : time;
      }
    } catch (DateTimeException e) {
      // as below: a month 13 is no other fault than no month
    }
    throw refused(name, "is " + shown(text) + ", must be a time as 2026-11-23T18:00:00Z");
  }

  JsonNode object() {
    return require(node.isObject(), "an object");
  }

  Map<String, String> texts() {
    return entries(JsonField::text);
  }

  Map<String, Double> numbers() {
    return entries(JsonField::number);
  }

  private <T> Map<String, T> entries(Function<JsonField, T> value) {
    Map<String, T> entries = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : object().properties()) {
      String key = new JsonField(name, TextNode.valueOf(entry.getKey())).text();
      entries.put(key, value.apply(new JsonField(name + "." + key, entry.getValue())));
    }
    return entries;
  }

  <E extends Enum<E>> E oneOf(Class<E> type) {
    String text = text();
    return Arrays.stream(type.getEnumConstants())
        .filter(one -> spelled(one).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                refused(
                    name,
                    Arrays.stream(type.getEnumConstants())
                        .map(JsonField::spelled)
                        .collect(
                            Collectors.joining(
                                ", ", "is " + shown(text) + ", must be one of ", ""))));
  }

  private static String spelled(Enum<?> one) {
    return one.name().toLowerCase(Locale.ROOT);
  }

  private JsonNode require(boolean fits, String wanted) {
    if (!fits) {
      String is = node.isContainerNode() ? "" : "is " + shown(node.toString()) + ", ";
      throw refused(name, is + "must be " + wanted);
    }
    return node;
  }

  private static String shown(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
  }
}
