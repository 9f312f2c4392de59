package io.smartedit.sink.webhook;

import io.smartedit.events.RequestRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is told of whose edits, from a file with a line each: tenant, URL, secrets. In the place of a
 * URL, {@code requests} gives the secrets of what the tenant's requests name themselves; {@code *}
 * in the place of a tenant stands for those who have no such line. Of several secrets each signs,
 * so that a receiver may go from one to the next. The file is read again when it has changed; one
 * that cannot be used then is said to be so, and the former stays. Thread-safe.
 */
final class WebhookDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(WebhookDirectory.class);
  private static final String REQUESTS = "requests";
  private static final String ANYBODY = "*";
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final @Nullable Path file;
  private List<Line> lines;
  private @Nullable FileTime read;
  private long looked = System.nanoTime();

  /** One line; {@code url} may be {@link #REQUESTS}. */
  private record Line(String tenant, String url, List<WebhookSecret> secrets) {}

  private WebhookDirectory(@Nullable Path file, List<Line> lines, @Nullable FileTime read) {
    this.file = file;
    this.lines = lines;
    this.read = read;
  }

  /**
   * Reads a file.
   *
   * @param name empty for none
   * @throws IllegalArgumentException naming the first line that is not as it must be
   */
  static WebhookDirectory read(String name) {
    if (name.isEmpty()) {
      return new WebhookDirectory(null, List.of(), null);
    }
    Path file = Path.of(name);
    try {
      FileTime time = Files.getLastModifiedTime(file);
      return new WebhookDirectory(file, lines(Files.readAllLines(file)), time);
    } catch (IOException e) {
      throw new IllegalArgumentException("must be a file that can be read", e);
    }
  }

  private static List<Line> lines(List<String> text) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < text.size(); i++) {
      String line = text.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          lines.add(line(line));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
        }
      }
    }
    return List.copyOf(lines);
  }

  private static Line line(String text) {
    List<String> parts = Arrays.asList(text.split("\\s+"));
    if (parts.size() < 3) {
      throw new IllegalArgumentException("must be: tenant, URL or 'requests', whsec_ secrets");
    }
    String tenant = parts.get(0);
    String url = parts.get(1);
    boolean forAnybody = tenant.equals(ANYBODY) && url.equals(REQUESTS);
    if (!forAnybody && !RequestRules.isName(tenant)) {
      throw new IllegalArgumentException("'" + tenant + "' is no tenant's name");
    }
    if (!url.equals(REQUESTS) && !url.matches("https?://[!-~]+")) {
      throw new IllegalArgumentException("'" + url + "' is no https:// address");
    }
    return new Line(
        tenant, url, parts.subList(2, parts.size()).stream().map(WebhookSecret::parse).toList());
  }

  boolean isEmpty() {
    return current().isEmpty();
  }

  /** The addresses that are told of all of a tenant's edits. */
  List<String> endpoints(String tenant) {
    return current().stream()
        .filter(line -> line.tenant().equals(tenant) && !line.url().equals(REQUESTS))
        .map(Line::url)
        .distinct()
        .toList();
  }

  /** Whether an address is the operator's, and not a request's. */
  boolean isEndpoint(String tenant, String url) {
    return endpoints(tenant).contains(url);
  }

  /** What messages to an address are signed with; empty where there is no secret. */
  List<WebhookSecret> secrets(String tenant, String url) {
    String which = isEndpoint(tenant, url) ? url : REQUESTS;
    List<WebhookSecret> own = secretsOf(tenant, which);
    return own.isEmpty() && which.equals(REQUESTS) ? secretsOf(ANYBODY, REQUESTS) : own;
  }

  private List<WebhookSecret> secretsOf(String tenant, String url) {
    return current().stream()
        .filter(line -> line.tenant().equals(tenant) && line.url().equals(url))
        .flatMap(line -> line.secrets().stream())
        .toList();
  }

  private synchronized List<Line> current() {
    long now = System.nanoTime();
    if (file == null || now - looked < LOOK_NANOS) {
      return lines;
    }
    looked = now;
    try {
      FileTime time = Files.getLastModifiedTime(file);
      if (!time.equals(read)) {
        read = time;
        lines = lines(Files.readAllLines(file));
        LOG.info("webhooks.file is read again: {} lines", lines.size());
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("webhooks.file has changed and cannot be used, the former stays: {}", e.toString());
    }
    return lines;
  }
}
