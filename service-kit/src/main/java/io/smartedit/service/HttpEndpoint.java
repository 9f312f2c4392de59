package io.smartedit.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.router.Endpoint;
import io.javalin.router.ParsedEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's HTTP side: {@code /live}, {@code /ready}, {@code /metrics} (Prometheus text), and
 * what the service adds.
 *
 * <p>Every failure is answered as {@code application/problem+json} (RFC 9457) in UTF-8, also of
 * what reaches no route; what the service did not foresee says nothing of its inside.
 */
public final class HttpEndpoint implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<Runnable> onClose = new CopyOnWriteArrayList<>();
  private final Supplier<List<String>> missing;
  private final Javalin server;
  private final RoutesConfig routes;

  /**
   * @param maxBody bytes of a request that are read at most
   * @param ready whether the service can do its work
   */
  public HttpEndpoint(long maxBody, BooleanSupplier ready) {
    this(maxBody, () -> ready.getAsBoolean() ? List.of() : List.of("the service is starting"));
  }

  /**
   * @param maxBody bytes of a request that are read at most
   * @param missing why the service cannot do its work, one sentence each; empty where it can
   */
  public HttpEndpoint(long maxBody, Supplier<List<String>> missing) {
    this.missing = missing;
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    server = Javalin.create(config -> configure(config, maxBody));
    routes = server.unsafe.routes;
    routes.before(HttpEndpoint::requireDecodable);
    routes.get("/live", context -> context.result("live\n"));
    routes.get("/ready", this::ready);
    routes.get(
        "/metrics",
        context ->
            context
                .contentType("text/plain; version=0.0.4; charset=utf-8")
                .result(meters.scrape().getBytes(StandardCharsets.UTF_8)));
    routes.exception(Problem.class, Problem::answer);
    routes.exception(HttpResponseException.class, HttpEndpoint::refuse);
    routes.exception(Exception.class, HttpEndpoint::fail);
  }

  private static void configure(JavalinConfig config, long maxBody) {
    config.startup.showJavalinBanner = false;
    config.startup.startupWatcherEnabled = false;
    config.http.maxRequestSize = maxBody;
    config.http.prefer405over404 = true;
    config.jetty.modifyServer(jetty -> jetty.setErrorHandler(new UnroutedErrors()));
    config.jetty.modifyServletContextHandler(
        context -> context.setErrorHandler(new UnroutedErrors()));
    config.router.javaLangErrorHandler(HttpEndpoint::fail);
  }

  /** Percent signs stand for UTF-8, or the address is none. */
  private static void requireDecodable(Context context) {
    context.header("X-Content-Type-Options", "nosniff"); // answers quote what they were asked
    String query = context.queryString();
    if (!isDecodable(context.path()) || (query != null && !isDecodable(query))) {
      throw new Problem(
          400, "bad request", "A percent sign in the address does not stand for UTF-8.", null);
    }
  }

  private static boolean isDecodable(String text) {
    if (text.indexOf('%') < 0) {
      return true;
    }
    Charset bytes = StandardCharsets.ISO_8859_1;
    try {
      byte[] decoded = URLDecoder.decode(text, bytes).getBytes(bytes);
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded));
      return true;
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return false;
    }
  }

  private static void fail(HttpServletResponse response, Error error) {
    LOG.error("a request failed", error);
    response.setStatus(HttpStatus.INTERNAL_SERVER_ERROR.getCode());
    response.setContentType(Problem.MEDIA_TYPE);
    try {
      response.getOutputStream().write(internal().toBytes());
    } catch (IOException e) {
      LOG.debug("the client has gone", e);
    }
  }

  private static Problem internal() {
    return new Problem(500, "internal error", "The service's log has the cause.", null);
  }

  /** Answers JSON, which is UTF-8 whatever the machine's own encoding is. */
  public static void json(Context context, ObjectNode node) {
    context
        .contentType("application/json")
        .result(node.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Breaks off an answer that has begun and cannot be ended, so that its client sees that it is not
   * whole.
   */
  public static void breakOff(Context context, Throwable cause) {
    LOG.warn("the answer to {} {} breaks off", context.method(), context.path(), cause);
    ServletContextRequest.getServletContextRequest(context.req()).getServletChannel().abort(cause);
  }

  private void ready(Context context) {
    List<String> reasons = missing.get();
    context.status(reasons.isEmpty() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    ObjectNode node = JSON.createObjectNode().put("ready", reasons.isEmpty());
    if (!reasons.isEmpty()) {
      reasons.forEach(node.putArray("reasons")::add);
    }
    json(context, node);
  }

  /** What the server refuses before or instead of a route. */
  private static void refuse(HttpResponseException refusal, Context context) {
    HttpStatus status = HttpStatus.forStatus(refusal.getStatus());
    if (status == HttpStatus.METHOD_NOT_ALLOWED) {
      List<String> allowed = new ArrayList<>();
      refusal
          .getDetails()
          .values()
          .forEach(methods -> allowed.addAll(List.of(methods.split(", "))));
      if (allowed.contains("GET") && !allowed.contains("HEAD")) {
        allowed.add("HEAD");
      }
      context.header("Allow", String.join(", ", allowed));
    }
    String detail =
        switch (status) {
          case NOT_FOUND -> "There is nothing at " + context.path() + ".";
          case METHOD_NOT_ALLOWED -> context.path() + " does not answer " + context.method() + ".";
          case CONTENT_TOO_LARGE -> "The body is larger than what is read.";
          default -> status.getMessage() + ".";
        };
    new Problem(refusal.getStatus(), status.getMessage().toLowerCase(Locale.ROOT), detail, null)
        .answer(context);
  }

  private static void fail(Exception failure, Context context) {
    Problem client = clientsFault(failure);
    if (client != null) {
      client.answer(context);
      return;
    }
    LOG.error("{} {} failed", context.method(), context.path(), failure);
    internal().answer(context);
  }

  /** A body that does not come, or not as its headers say. */
  private static @Nullable Problem clientsFault(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpException bad && bad.getCode() < 500) {
        return new Problem(bad.getCode(), "bad request", "The request is malformed.", null);
      }
      if (cause instanceof EOFException) {
        return new Problem(400, "bad request", "The body ends before its end.", null);
      }
      if (cause instanceof TimeoutException) {
        return new Problem(408, "request timeout", "The body did not come in time.", null);
      }
    }
    return null;
  }

  /** Where the service's meters live. */
  public MeterRegistry meters() {
    return meters;
  }

  /** Takes the service's own routes, until it is started. */
  public RoutesConfig routes() {
    return routes;
  }

  /** Is run before the server stops: to end answers that would not end by themselves. */
  public void onClose(Runnable action) {
    onClose.add(action);
  }

  /**
   * Begins to answer.
   *
   * @param port 0 for any free one
   */
  public HttpEndpoint start(String host, int port) {
    for (ParsedEndpoint known : server.unsafe.internalRouter.allHttpHandlers()) {
      Endpoint get = known.endpoint;
      if (get.method.equals(HandlerType.GET)) { // HEAD tells what GET would, without its body
        routes.addHttpHandler(HandlerType.HEAD, get.path, get.handler);
      }
    }
    server.start(host, port);
    return this;
  }

  public int port() {
    return server.port();
  }

  /** Answers what is under way, then ends. */
  @Override
  public void close() {
    onClose.forEach(Runnable::run);
    server.stop();
    meters.close();
  }
}
