package io.smartedit.sink.retention;

import io.smartedit.events.RequestRules;
import io.smartedit.service.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For how long each tenant's images are kept, out of a file of the operator's. It is read again
 * where it has changed; one that cannot be used then is said to be so, and the former stays. Used
 * by one thread.
 */
public final class RetentionRules {

  private static final Logger LOG = LoggerFactory.getLogger(RetentionRules.class);
  private static final String ANYBODY = "*";
  private static final String KEEP = "keep";
  private static final Setting<Duration> TIME = Setting.duration("time", "", null);
  private static final Kept FOR_EVER = new Kept(null, null);

  private final @Nullable Path file;
  private Map<String, Kept> byTenant;
  private @Nullable FileTime read;

  /** How long results and uploads are kept; null for ever. */
  private record Kept(@Nullable Duration results, @Nullable Duration uploads) {}

  private RetentionRules(@Nullable Path file, Map<String, Kept> byTenant, @Nullable FileTime read) {
    this.file = file;
    this.byTenant = byTenant;
    this.read = read;
  }

  /**
   * Reads a file.
   *
   * @param name empty for none
   * @throws IllegalArgumentException naming the first line that is not as it must be
   */
  static RetentionRules read(String name) {
    if (name.isEmpty()) {
      return new RetentionRules(null, Map.of(), null);
    }
    Path file = Path.of(name);
    try {
      FileTime time = Files.getLastModifiedTime(file);
      return new RetentionRules(file, rules(Files.readAllLines(file)), time);
    } catch (IOException e) {
      throw new IllegalArgumentException("must be a file that can be read", e);
    }
  }

  private static Map<String, Kept> rules(List<String> lines) {
    Map<String, Kept> rules = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          add(line.split("\\s+"), rules);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
        }
      }
    }
    return Map.copyOf(rules);
  }

  private static void add(String[] parts, Map<String, Kept> rules) {
    if (parts.length != 3) {
      throw new IllegalArgumentException("must be: tenant or *, time of results, time of uploads");
    }
    if (!parts[0].equals(ANYBODY) && !RequestRules.isName(parts[0])) {
      throw new IllegalArgumentException("'" + parts[0] + "' is no tenant's name");
    }
    if (rules.put(parts[0], new Kept(time(parts[1]), time(parts[2]))) != null) {
      throw new IllegalArgumentException("tenant " + parts[0] + " stands twice");
    }
  }

  private static @Nullable Duration time(String text) {
    try {
      return text.equals(KEEP) ? null : TIME.parser().apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no time: it " + e.getMessage() + ", or keep", e);
    }
  }

  boolean isEmpty() {
    return byTenant.isEmpty() && file == null;
  }

  /** Looks whether the file has changed. */
  void refresh() {
    if (file == null) {
      return;
    }
    try {
      FileTime time = Files.getLastModifiedTime(file);
      if (!time.equals(read)) {
        read = time;
        byTenant = rules(Files.readAllLines(file));
        LOG.info("retention.file is read again: {} lines", byTenant.size());
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("retention.file has changed and cannot be used, the former stays: {}", e.toString());
    }
  }

  /** How long an image is kept; empty where for ever. */
  Optional<Duration> of(StoredImage image) {
    Kept own = byTenant.get(image.tenant());
    Kept kept = own == null ? byTenant.getOrDefault(ANYBODY, FOR_EVER) : own;
    return Optional.ofNullable(image.isResult() ? kept.results() : kept.uploads());
  }
}
