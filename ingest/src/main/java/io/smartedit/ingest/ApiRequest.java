package io.smartedit.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RequestRules;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One request to the API: who asks, for which tenant, of which edit, and with what body. */
final class ApiRequest {

  /** What curl and Python's urllib say of a body of which nobody said what it is. */
  private static final String UNSAID = "application/x-www-form-urlencoded";

  private static final List<String> ONCE =
      List.of("Authorization", "Content-Type", "Content-Encoding", "Origin", "Sec-Fetch-Site");
  private static final long MAX_DISCARDED = 64L << 20;

  /** Of the process, as the server's threads are. */
  private static final Semaphore WAITS = new Semaphore(SteadyBody.MOST_WAITED_FOR);

  private final Context context;
  private final Caller caller;

  private ApiRequest(Context context, Caller caller) {
    this.context = context;
    this.caller = caller;
  }

  /** What a body may be said to be. */
  enum Body {
    JSON("JSON", "application/json|application/[a-z0-9.+-]+\\+json"),
    JSON_LINES(
        "JSON Lines",
        "application/(?:jsonl|jsonlines|x-jsonlines|json-lines|x-ndjson|ndjson|json|octet-stream)"),
    FORM("a form or JSON", "multipart/form-data|application/json"),
    IMAGE("an image", "image/[a-z0-9.+-]+|application/octet-stream");

    private final String name;
    private final Pattern types;

    Body(String name, String types) {
      this.name = name;
      this.types = Pattern.compile(types);
    }
  }

  /**
   * Reads who asks.
   *
   * @throws Problem 400 for a header that stands twice; 401 for a key that is needed or not known;
   *     403 for a page of another site
   */
  static ApiRequest of(Context context, ApiKeys keys) {
    requireOwnPage(context);
    return new ApiRequest(context, keys.caller(context.header("Authorization")));
  }

  /** Of whoever asks, as somebody for any tenant; who may has been seen to before. */
  static ApiRequest ofAnybody(Context context) {
    requireOwnPage(context);
    return new ApiRequest(context, Caller.ANYBODY);
  }

  /**
   * A browser says from where a page asks: everywhere by {@code Origin}, and where the address is
   * one of HTTPS or of the machine itself by {@code Sec-Fetch-Site}.
   */
  private static void requireOwnPage(Context context) {
    for (String name : ONCE) {
      if (Collections.list(context.req().getHeaders(name)).size() > 1) {
        throw new Problem(400, "bad request", "The header " + name + " stands twice.", null);
      }
    }
    String site = context.header("Sec-Fetch-Site");
    String origin = context.header("Origin");
    boolean isOwn =
        site == null
            ? origin == null || isOfThisHost(origin, context)
            : site.equals("same-origin") || site.equals("none");
    if (!isOwn) {
      throw new Problem(403, "forbidden", "Pages of other sites may not ask here.", null);
    }
  }

  private static boolean isOfThisHost(String origin, Context context) {
    String host = origin.replaceFirst("^https?://", "");
    return host.equals(context.header("Host")) || host.equals(context.header("X-Forwarded-Host"));
  }

  Caller caller() {
    return caller;
  }

  /**
   * Of whom is spoken: a tenant that is named and whose name the caller may use, or the usual one.
   *
   * @throws Problem 400 or 403
   */
  String tenant() {
    List<String> named = context.queryParams("tenant");
    if (named.size() > 1) {
      throw Problem.of("tenant", "tenant stands " + named.size() + " times");
    }
    String tenant = named.isEmpty() ? caller.usualTenant() : named.get(0);
    if (!RequestRules.isName(tenant)) {
      throw Problem.of("tenant", "tenant is not a name of up to 64 characters");
    }
    caller.requireTenant(tenant);
    return tenant;
  }

  /**
   * The id of the edit or the batch in the path.
   *
   * @throws Problem 400
   */
  String id() {
    String id = context.pathParam("id");
    try {
      RequestRules.id(id);
    } catch (InvalidRequestException e) {
      throw Problem.of(e.field(), String.valueOf(e.getMessage()));
    }
    return id;
  }

  /** Whether the caller need not name this tenant. */
  boolean isUsual(String tenant) {
    return tenant.equals(caller.usualTenant());
  }

  @Nullable String header(String name) {
    return context.header(name);
  }

  /**
   * The body as it comes; to read it fails where it comes too slowly ({@link SteadyBody}).
   *
   * @throws Problem 415 where it is said to be something else, or compressed
   */
  InputStream stream(Body body) {
    String encoding = context.header("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new Problem(415, "unsupported media type", "Content-Encoding must be identity.", null);
    }
    String declared = context.header("Content-Type");
    if (declared != null) {
      String[] parts = declared.toLowerCase(Locale.ROOT).split(";", 2);
      String type = parts[0].strip();
      boolean foreign =
          parts.length > 1 && parts[1].contains("charset") && !parts[1].contains("utf-8");
      if (foreign || !(type.equals(UNSAID) || body.types.matcher(type).matches())) {
        throw new Problem(
            415, "unsupported media type", "Content-Type must be that of " + body.name + ".", null);
      }
    }
    return new SteadyBody(
        context.bodyInputStream(), context.req().getContentLengthLong(), WAITS, System::nanoTime);
  }

  /**
   * The whole body.
   *
   * @throws Problem 413 where it is longer; 415 as {@link #stream}
   */
  byte[] body(Body body, int most) {
    InputStream stream = stream(body);
    try {
      byte[] bytes = stream.readNBytes(most + 1);
      if (bytes.length <= most) {
        return bytes;
      }
      discard(stream);
      throw new Problem(
          413, "content too large", "The body has more than " + most + " bytes.", null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes that the body says it has; {@code most} where it does not say, or says more. */
  long expected(long most) {
    long said = context.req().getContentLengthLong();
    return said < 0 ? most : Math.min(said, most);
  }

  /** Most clients read the answer only when all is sent. */
  private static void discard(InputStream stream) throws IOException {
    byte[] chunk = new byte[1 << 16];
    long discarded = 0;
    int read = 0;
    while (read >= 0 && discarded < MAX_DISCARDED) {
      read = stream.read(chunk);
      discarded += read;
    }
  }

  /** Answers JSON in UTF-8. */
  void answer(int status, ObjectNode json) {
    context
        .status(status)
        .contentType("application/json")
        .result(json.toString().getBytes(StandardCharsets.UTF_8));
  }
}
