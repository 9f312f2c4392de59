package io.smartedit.ingest;

import io.smartedit.events.RequestRules;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the front door: API keys, of which only hashes are kept. Without a file of them
 * anybody may, in any tenant's name. Thread-safe.
 */
public final class ApiKeys {

  private static final Pattern LINE =
      Pattern.compile("(?<sha>[0-9a-f]{64})\\s+(?<tenant>\\S+)(?:\\s+(?<limit>[1-9]\\d{0,8}))?");
  private static final String BEARER = "Bearer ";

  /** By SHA-256 of the key, in hexadecimal; null where the door is open. */
  private final @Nullable Map<String, Caller> callers;

  private ApiKeys(@Nullable Map<String, Caller> callers) {
    this.callers = callers;
  }

  /**
   * Reads a file with a line a key: SHA-256 of the key, tenant, and how many edits a minute the
   * tenant may request, if limited. Empty lines and those that begin with # are skipped.
   *
   * @param file empty for none
   * @throws IllegalArgumentException naming the first line that is not so
   */
  static ApiKeys read(String file) {
    if (file.isEmpty()) {
      return new ApiKeys(null);
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("must be a file that can be read", e);
    }
    Map<String, Caller> callers = new HashMap<>();
    Map<String, Caller> tenants = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        String where = "line " + (i + 1) + " ";
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
          throw new IllegalArgumentException(
              where + "must be: SHA-256 of a key in hexadecimal, tenant[, edits a minute]");
        }
        callers.put(matcher.group("sha"), caller(where, matcher, tenants));
      }
    }
    return new ApiKeys(Map.copyOf(callers));
  }

  /** Several keys of a tenant share its limit. */
  private static Caller caller(String where, Matcher line, Map<String, Caller> tenants) {
    String tenant = line.group("tenant");
    int limit = line.group("limit") == null ? 0 : Integer.parseInt(line.group("limit"));
    if (!RequestRules.isName(tenant)) {
      throw new IllegalArgumentException(where + "names a tenant that is no name: " + tenant);
    }
    Caller caller = tenants.computeIfAbsent(tenant, name -> new Caller(name, limit));
    if (caller.limit() != limit) {
      throw new IllegalArgumentException(
          where + "gives " + tenant + " another limit than a line before");
    }
    return caller;
  }

  /** Whether a key is needed. */
  boolean areAsked() {
    return callers != null;
  }

  /**
   * Whose key it is.
   *
   * @param authorization the header of this name
   * @throws Problem 401 where it holds none that is known
   */
  Caller caller(@Nullable String authorization) {
    if (callers == null) {
      return Caller.ANYBODY;
    }
    if (authorization == null || !authorization.startsWith(BEARER)) {
      throw new Problem(
          401, "unauthorized", "An API key is needed: Authorization: Bearer KEY.", null);
    }
    Caller caller =
        callers.get(DigestUtils.sha256Hex(authorization.substring(BEARER.length()).strip()));
    if (caller == null) {
      throw new Problem(401, "unauthorized", "The API key is not known.", null);
    }
    return caller;
  }
}
