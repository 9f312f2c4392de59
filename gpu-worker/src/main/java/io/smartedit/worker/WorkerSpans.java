package io.smartedit.worker;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.Failure;
import io.smartedit.events.Status;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Spans of answered requests: one for the whole, from the record's arrival to its answer, below the
 * request's {@code traceparent} where it has one, and one below that for each stage. Thread-safe.
 */
final class WorkerSpans {

  private final Tracer tracer;

  WorkerSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  void answered(Job job, EditOutcome outcome) {
    Instant end = job.watch.now();
    SpanBuilder builder =
        tracer
            .spanBuilder("edit")
            .setSpanKind(SpanKind.CONSUMER)
            .setStartTimestamp(job.watch.start())
            .setAttribute("smartedit.request.id", outcome.getRequestId())
            .setAttribute("smartedit.tenant", outcome.getTenant())
            .setAttribute("smartedit.model", outcome.getModel())
            .setAttribute("smartedit.status", outcome.getStatus().name())
            .setAttribute("smartedit.attempt", job.attempt)
            .setAttribute("smartedit.batch", job.batch)
            .setAttribute("messaging.destination.name", job.partition.topic())
            .setAttribute(
                "messaging.destination.partition.id", Integer.toString(job.partition.partition()))
            .setAttribute("messaging.kafka.offset", job.offset);
    Span span = builder.setParent(parent(job.request.getTraceparent())).startSpan();
    Context inside = Context.root().with(span);
    job.watch
        .intervals()
        .forEach(
            (stage, interval) ->
                tracer
                    .spanBuilder(stage.name().toLowerCase(Locale.ROOT))
                    .setParent(inside)
                    .setStartTimestamp(interval.start())
                    .startSpan()
                    .end(interval.end()));
    Failure failure = outcome.getFailure();
    if (outcome.getStatus() == Status.FAILED && failure != null) {
      span.setStatus(StatusCode.ERROR, failure.getMessage());
    }
    span.end(end);
  }

  /** Its form was checked; a refused request's may have any. */
  private static Context parent(@Nullable String traceparent) {
    String[] parts = traceparent == null ? new String[0] : traceparent.split("-", -1);
    if (parts.length != 4 || parts[3].length() != 2) {
      return Context.root();
    }
    SpanContext context =
        SpanContext.createFromRemoteParent(
            parts[1], parts[2], flags(parts[3]), TraceState.getDefault());
    return context.isValid() ? Context.root().with(Span.wrap(context)) : Context.root();
  }

  private static TraceFlags flags(String hex) {
    return hex.matches("[0-9a-f]{2}") ? TraceFlags.fromHex(hex, 0) : TraceFlags.getDefault();
  }
}
