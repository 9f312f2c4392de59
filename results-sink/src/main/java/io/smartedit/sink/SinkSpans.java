package io.smartedit.sink;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.service.Traces;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * A span for each terminal event, from the outcome's arrival on its topic, in the request's trace.
 * Where the sink begins a transaction anew there are two of one event. Thread-safe.
 */
final class SinkSpans {

  /** Under which the stream's settings carry it. */
  static final String SETTING = "smartedit.spans";

  private final Tracer tracer;

  SinkSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Those of a stream; none are made where its settings have none. */
  static SinkSpans of(Map<String, Object> settings) {
    return settings.get(SETTING) instanceof SinkSpans spans
        ? spans
        : new SinkSpans(TracerProvider.noop().get(SETTING));
  }

  /**
   * Makes it.
   *
   * @param arrived milliseconds of the epoch
   */
  void ended(EditOutcome outcome, SpecificRecord event, long arrived) {
    EditRequested request = outcome.getRequest();
    Span span =
        tracer
            .spanBuilder("end")
            .setSpanKind(SpanKind.CONSUMER)
            .setParent(Traces.parent(traceparent(request)))
            .setStartTimestamp(Instant.ofEpochMilli(arrived))
            .setAttribute("smartedit.request.id", outcome.getRequestId())
            .setAttribute("smartedit.tenant", outcome.getTenant())
            .setAttribute("smartedit.status", outcome.getStatus().name())
            .startSpan();
    if (event instanceof EditFailed failed) {
      span.setStatus(StatusCode.ERROR, failed.getFailure().getMessage());
    }
    span.end();
  }

  private static @Nullable String traceparent(@Nullable EditRequested request) {
    return request == null ? null : request.getTraceparent();
  }
}
