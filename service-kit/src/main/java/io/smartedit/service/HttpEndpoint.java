package io.smartedit.service;

import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's HTTP side: {@code /live}, {@code /ready}, {@code /metrics} (Prometheus text), and
 * what the service adds.
 *
 * <p>Every failure is answered as {@code application/problem+json} (RFC 9457); what the service did
 * not foresee says nothing of its inside.
 */
public final class HttpEndpoint implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);

  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Javalin server;
  private final RoutesConfig routes;

  /**
   * @param maxBody bytes of a request that are read at most
   * @param ready whether the service can do its work
   */
  public HttpEndpoint(long maxBody, BooleanSupplier ready) {
    new JvmMemoryMetrics().bindTo(meters);
    new JvmThreadMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    server =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.startup.startupWatcherEnabled = false;
              config.http.maxRequestSize = maxBody;
            });
    routes = server.unsafe.routes;
    routes.get("/live", context -> context.result("live\n"));
    routes.get(
        "/ready",
        context -> {
          boolean yes = ready.getAsBoolean();
          context.status(yes ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
          context.result(yes ? "ready\n" : "not ready\n");
        });
    routes.get(
        "/metrics",
        context -> context.contentType("text/plain; version=0.0.4").result(meters.scrape()));
    routes.exception(Problem.class, (problem, context) -> problem.answer(context));
    routes.exception(
        Exception.class,
        (e, context) -> {
          LOG.error("{} {} failed", context.method(), context.path(), e);
          new Problem(500, "internal error", "The service's log has the cause.", null)
              .answer(context);
        });
    routes.exception(
        HttpResponseException.class,
        (e, context) -> {
          String title = HttpStatus.forStatus(e.getStatus()).getMessage();
          String detail = "Nothing here answers " + context.method() + " " + context.path() + ".";
          boolean unknown = e.getStatus() == HttpStatus.NOT_FOUND.getCode();
          new Problem(e.getStatus(), title, unknown ? detail : title, null).answer(context);
        });
  }

  /** Where the service's meters live. */
  public MeterRegistry meters() {
    return meters;
  }

  /** Takes the service's own routes, until it is started. */
  public RoutesConfig routes() {
    return routes;
  }

  /**
   * Begins to answer.
   *
   * @param port 0 for any free one
   */
  public HttpEndpoint start(String host, int port) {
    server.start(host, port);
    return this;
  }

  public int port() {
    return server.port();
  }

  /** Answers what is under way, then ends. */
  @Override
  public void close() {
    server.stop();
    meters.close();
  }
}
