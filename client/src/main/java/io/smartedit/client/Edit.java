package io.smartedit.client;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An edit to be requested: fields and options by the names of the front door's {@code
 * /openapi.json}, which says their limits.
 *
 * @param fields of the request, {@code source} and {@code instruction} among them
 * @param options of the edit, as {@code steps} and {@code seed}
 */
public record Edit(Map<String, Object> fields, Map<String, Object> options) {

  /** Keeps copies. */
  public Edit {
    fields = Map.copyOf(fields);
    options = Map.copyOf(options);
  }

  /**
   * An edit with what its model recommends.
   *
   * @param source s3://bucket/key, https://, or request:ID for another edit's result
   */
  public static Edit of(String source, String instruction) {
    return new Edit(Map.of("source", source, "instruction", instruction), Map.of());
  }

  /** With an id, under which it may be requested again without being edited again. */
  public Edit withId(String requestId) {
    return withField("requestId", requestId);
  }

  /** With a field more, as {@code sessionId} or {@code priority}. */
  public Edit withField(String name, Object value) {
    return new Edit(plus(fields, name, value), options);
  }

  /** With an option more. */
  public Edit with(String option, Object value) {
    return new Edit(fields, plus(options, option, value));
  }

  private static Map<String, Object> plus(Map<String, Object> some, String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(some);
    more.put(name, value);
    return more;
  }
}
