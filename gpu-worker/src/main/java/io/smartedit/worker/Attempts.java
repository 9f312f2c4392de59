package io.smartedit.worker;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How often open records were taken, as text in a commit's metadata: {@code 17:1,19:2}. Written
 * before an edit begins, so that a record that kills the process is known by its next reader.
 */
final class Attempts {

  private Attempts() {}

  static String format(Map<Long, Integer> attempts) {
    return new TreeMap<>(attempts)
        .entrySet().stream()
            .map(entry -> entry.getKey() + ":" + entry.getValue())
            .collect(Collectors.joining(","));
  }

  /** Reads what {@link #format} wrote; text of another origin is empty. */
  static Map<Long, Integer> parse(String text) {
    Map<Long, Integer> attempts = new TreeMap<>();
    if (!text.matches("(\\d{1,18}:\\d{1,4})(,\\d{1,18}:\\d{1,4})*")) {
      return attempts;
    }
    for (String item : text.split(",", -1)) {
      int colon = item.indexOf(':');
      attempts.put(
          Long.parseLong(item.substring(0, colon)), Integer.parseInt(item.substring(colon + 1)));
    }
    return attempts;
  }
}
