package io.smartedit.worker;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.Failure;
import io.smartedit.events.Status;
import io.smartedit.service.Traces;
import java.time.Instant;
import java.util.Locale;

/**
 * Spans of answered requests: one for the whole, from the record's arrival to its answer, below the
 * request's {@code traceparent} where it has one, and one below that for each stage. Thread-safe.
 */
final class WorkerSpans implements JobEndings.Listener {

  private final Tracer tracer;

  WorkerSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public void answered(Job job, EditOutcome outcome, boolean firstOfItsId) {
    TakenRequest taken = job.taken();
    Instant end = job.times().now();
    SpanBuilder builder =
        tracer
            .spanBuilder("edit")
            .setSpanKind(SpanKind.CONSUMER)
            .setStartTimestamp(job.times().start())
            .setAttribute("smartedit.request.id", outcome.getRequestId())
            .setAttribute("smartedit.tenant", outcome.getTenant())
            .setAttribute("smartedit.model", outcome.getModel())
            .setAttribute("smartedit.status", outcome.getStatus().name())
            .setAttribute("smartedit.attempt", taken.attempts().begun() + 1L)
            .setAttribute("smartedit.batch", job.times().batch())
            .setAttribute("messaging.destination.name", taken.receipt().partition().topic())
            .setAttribute(
                "messaging.destination.partition.id",
                Integer.toString(taken.receipt().partition().partition()))
            .setAttribute("messaging.kafka.offset", taken.receipt().offset());
    Span span = builder.setParent(Traces.parent(taken.request().getTraceparent())).startSpan();
    Context inside = Context.root().with(span);
    job.times()
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
}
