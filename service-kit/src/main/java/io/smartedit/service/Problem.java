package io.smartedit.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/** A refusal as RFC 9457 puts it: status, title, and what is wrong with which field. */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a problem in JSON, which is UTF-8. */
  static final String MEDIA_TYPE = "application/problem+json";

  private final int status;
  private final String title;
  private final @Nullable String field;
  private final long retryAfter;

  /**
   * @param detail names the value and the limit, for whoever sent the request
   * @param field the field that is refused, or none
   */
  public Problem(int status, String title, String detail, @Nullable String field) {
    this(status, title, detail, field, 0);
  }

  private Problem(
      int status, String title, String detail, @Nullable String field, long retryAfter) {
    super(detail);
    this.status = status;
    this.title = title;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  /** A field that is not as it must be. */
  public static Problem of(String field, String detail) {
    return new Problem(400, "bad request", detail, field);
  }

  /** One request too many; after so many seconds there is room again. */
  public static Problem later(long seconds, String detail) {
    return new Problem(429, "too many requests", detail, null, seconds);
  }

  /**
   * What the service needs is away, or it has too much to do; after so many seconds it is worth
   * asking again.
   */
  public static Problem unavailable(long seconds, String detail) {
    return new Problem(503, "unavailable", detail, null, seconds);
  }

  /** As the other, because of something. */
  public static Problem unavailable(long seconds, String detail, Throwable cause) {
    Problem problem = unavailable(seconds, detail);
    problem.initCause(cause);
    return problem;
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  public @Nullable String field() {
    return field;
  }

  /** Seconds after which it is worth asking again; 0 where nothing is known of that. */
  public long retryAfter() {
    return retryAfter;
  }

  /** As JSON. */
  public ObjectNode toJson() {
    ObjectNode node =
        JSON.createObjectNode()
            .put("type", "about:blank")
            .put("title", title)
            .put("status", status)
            .put("detail", getMessage());
    return field == null ? node : node.put("field", field);
  }

  /** Answers it, unless another answer is under way already. */
  void answer(Context context) {
    if (context.res().isCommitted()) {
      return;
    }
    context.res().setCharacterEncoding(null); // which another media type may have brought along
    if (status == 401) {
      context.header("WWW-Authenticate", "Bearer");
    }
    if (retryAfter > 0) {
      context.header("Retry-After", Long.toString(retryAfter));
    }
    context.status(status).contentType(MEDIA_TYPE).result(toBytes());
  }

  byte[] toBytes() {
    try {
      return JSON.writeValueAsBytes(toJson());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a problem is always JSON", e);
    }
  }
}
