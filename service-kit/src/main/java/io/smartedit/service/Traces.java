package io.smartedit.service;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a service's spans go: to an OpenTelemetry collector (OTLP over HTTP) where one is named,
 * else nowhere. Spans are sent in batches and in the background; what the collector does not take
 * is dropped, and the work goes on. Thread-safe.
 */
public final class Traces implements AutoCloseable {

  /** Declared by services that make spans. */
  public static final Setting<String> ENDPOINT =
      new Setting<>(
          "traces.endpoint",
          "OpenTelemetry collector that spans go to, as http://HOST:4318/v1/traces; none where empty.",
          "",
          Traces::url,
          false);

  private static final String TRACEPARENT = "traceparent";
  private static final Getter GETTER = new Getter();
  private static final long FLUSH_SECONDS = 5;
  private static final String SCOPE = "io.smartedit";

  private final @Nullable SdkTracerProvider provider;

  private Traces(@Nullable SdkTracerProvider provider) {
    this.provider = provider;
  }

  /**
   * Opens the way to a collector.
   *
   * @param endpoint its URL; empty for no spans at all
   */
  public static Traces to(String endpoint, String service, String instance) {
    if (endpoint.isEmpty()) {
      return new Traces(null);
    }
    Attributes who =
        Attributes.of(
            AttributeKey.stringKey("service.name"),
            service,
            AttributeKey.stringKey("service.instance.id"),
            instance);
    return new Traces(
        SdkTracerProvider.builder()
            .setResource(Resource.getDefault().merge(Resource.create(who)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build())
                    .build())
            .build());
  }

  /** The same of an instance that has no name of its own. */
  public static Traces to(String endpoint, String service) {
    return to(endpoint, service, UUID.randomUUID().toString());
  }

  private static String url(String text) {
    if (!text.isEmpty() && !text.matches("https?://.+")) {
      throw new IllegalArgumentException("must be a URL, as http://collector:4318/v1/traces");
    }
    return text;
  }

  /** Makes the service's spans. */
  public Tracer tracer() {
    TracerProvider some = provider == null ? TracerProvider.noop() : provider;
    return some.get(SCOPE);
  }

  /** The trace that a request belongs to; none where its {@code traceparent} is no such thing. */
  public static Context parent(@Nullable String traceparent) {
    Map<String, String> headers = traceparent == null ? Map.of() : Map.of(TRACEPARENT, traceparent);
    return W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, GETTER);
  }

  /** What makes further spans lie below one, where it belongs to a trace. */
  public static Optional<String> traceparent(Span span) {
    Map<String, String> headers = new HashMap<>();
    W3CTraceContextPropagator.getInstance().inject(Context.root().with(span), headers, Map::put);
    return Optional.ofNullable(headers.get(TRACEPARENT));
  }

  private static final class Getter implements TextMapGetter<Map<String, String>> {
    @Override
    @SuppressWarnings("deprecation") // the propagator's port still has it
    public Iterable<String> keys(Map<String, String> headers) {
      return headers.keySet();
    }

    @Override
    public @Nullable String get(@Nullable Map<String, String> headers, String key) {
      return headers == null ? null : headers.get(key);
    }
  }

  /** Sends what is left, for a few seconds. */
  @Override
  public void close() {
    if (provider != null) {
      CompletableResultCode flushed = provider.shutdown();
      flushed.join(FLUSH_SECONDS, TimeUnit.SECONDS);
    }
  }
}
