package io.smartedit.service;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a service, declared once: what it is called, what it means, what it is where
 * nobody says anything, and how its text is read.
 *
 * @param fallback none where it has to be given
 * @param parser throws {@link IllegalArgumentException} whose message says what is wanted
 * @param secret whether its value is never shown
 * @param formerNames what it was called before; still accepted, with a warning
 */
public record Setting<T>(
    String name,
    String meaning,
    @Nullable String fallback,
    Function<String, T> parser,
    boolean secret,
    List<String> formerNames) {

  public Setting {
    formerNames = List.copyOf(formerNames);
  }

  /** A setting that was never called otherwise. */
  public Setting(
      String name,
      String meaning,
      @Nullable String fallback,
      Function<String, T> parser,
      boolean secret) {
    this(name, meaning, fallback, parser, secret, List.of());
  }

  /** The same setting, which was called otherwise before. */
  public Setting<T> formerly(String... names) {
    return new Setting<>(name, meaning, fallback, parser, secret, List.of(names));
  }

  public static Setting<String> text(String name, String meaning, @Nullable String fallback) {
    return new Setting<>(name, meaning, fallback, text -> text, false);
  }

  /** One that there was and that is not used any more; it may still be given. */
  public static Setting<String> retired(String name) {
    return new Setting<>(name, "", "", text -> text, true);
  }

  /** Whether it is not used any more. */
  boolean isRetired() {
    return meaning.isEmpty();
  }

  /** A text that is never shown. */
  public static Setting<String> secret(String name, String meaning, @Nullable String fallback) {
    return new Setting<>(name, meaning, fallback, text -> text, true);
  }

  /** A whole number between two limits, both allowed. */
  public static Setting<Integer> number(
      String name, String meaning, @Nullable String fallback, int least, int most) {
    return new Setting<>(
        name, meaning, fallback, text -> Math.toIntExact(whole(text, least, most)), false);
  }

  /** A number of bytes between two limits, both allowed. */
  public static Setting<Long> bytes(
      String name, String meaning, @Nullable String fallback, long least, long most) {
    return new Setting<>(name, meaning, fallback, text -> whole(text, least, most), false);
  }

  /** A duration as {@code 30s}, {@code 5m}, {@code 500ms}, {@code 2h} or {@code 30d}. */
  public static Setting<Duration> duration(String name, String meaning, @Nullable String fallback) {
    return new Setting<>(name, meaning, fallback, Setting::readDuration, false);
  }

  /** Names separated by commas. */
  public static Setting<Set<String>> names(String name, String meaning, String fallback) {
    return new Setting<>(
        name,
        meaning,
        fallback,
        text -> {
          Set<String> names = new TreeSet<>(Arrays.asList(text.split("\\s*,\\s*", -1)));
          names.remove("");
          return names;
        },
        false);
  }

  /** Either {@code true} or {@code false}. */
  public static Setting<Boolean> flag(String name, String meaning, String fallback) {
    return new Setting<>(name, meaning, fallback, Setting::readFlag, false);
  }

  private static boolean readFlag(String text) {
    return switch (text.strip()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private static long whole(String text, long least, long most) {
    try {
      long value = Long.parseLong(text.strip());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number from " + least + " to " + most, e);
    }
    throw new IllegalArgumentException("must be from " + least + " to " + most);
  }

  private static Duration readDuration(String text) {
    try {
      String iso = text.strip().toUpperCase(Locale.ROOT);
      Duration duration =
          iso.endsWith("MS")
              ? Duration.ofMillis(Long.parseLong(iso.substring(0, iso.length() - 2)))
              : Duration.parse((iso.endsWith("D") ? "P" : "PT") + iso);
      if (!duration.isNegative() && !duration.isZero()) {
        return duration;
      }
    } catch (DateTimeParseException | NumberFormatException e) {
      throw new IllegalArgumentException("must be a duration as 500ms, 30s, 5m, 2h or 30d", e);
    }
    throw new IllegalArgumentException("must be longer than nothing");
  }
}
