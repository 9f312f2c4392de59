package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.FailureKind;
import io.smartedit.worker.FailureClassifier.Side;
import io.smartedit.worker.FailureClassifier.Verdict;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The threads of one stage: each input waits in their queue, then for its bytes, then its step
 * runs. Whatever a step throws ends the job, or has the step run again later; no thread sleeps
 * meanwhile. How many inputs there are at once is bounded by the requests under way.
 */
final class StagePool<I extends StageInput> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StagePool.class);
  private static final String REQUEST_ID = "requestId";

  private final Plan<I> plan;
  private final ExecutorService threads;
  private final Services services;

  /**
   * What a stage is.
   *
   * @param name says in the log what it does
   * @param side whose store it asks, where it asks one
   * @param budget what its inputs' bytes are taken from
   * @param bytes that an input needs; may throw as the step may
   * @param step does the work
   */
  record Plan<I>(
      String name, @Nullable Side side, ByteBudget budget, ToLongFunction<I> bytes, Step<I> step) {}

  /** The work of a stage. Owns the lease unless it throws. */
  interface Step<I> {
    void run(I input, ByteBudget.Lease lease) throws InterruptedException;
  }

  /** What every stage needs beside its work. */
  record Services(
      JobEndings endings,
      LeaveRules leaving,
      RetryPolicy retries,
      Delays delays,
      Holds holds,
      Ticker ticker) {}

  /** One try of an input; {@code since} is when it first met the present trouble. */
  private record Try<I>(I input, int failures, long since) {}

  /** The pool owns its threads. */
  StagePool(Plan<I> plan, ExecutorService threads, Services services) {
    this.plan = plan;
    this.threads = threads;
    this.services = services;
  }

  void accept(I input) {
    submit(new Try<>(input, 0, 0));
  }

  private void submit(Try<I> attempt) {
    try {
      threads.execute(() -> run(attempt));
    } catch (RejectedExecutionException e) {
      leave(attempt.input());
    }
  }

  @SuppressWarnings("try") // the id is there for the log
  private void run(Try<I> attempt) {
    Job job = attempt.input().job();
    job.runsHere();
    try (MDC.MDCCloseable id = MDC.putCloseable(REQUEST_ID, job.taken().requestId())) {
      if (job.isAbandoned() || job.hasEnded()) {
        leave(attempt.input());
        return;
      }
      services.leaving().check(job);
      step(attempt.input());
      services.holds().clear(plan.name());
    } catch (InterruptedException e) {
      leave(attempt.input()); // the worker closes, or the job has ended
    } catch (Throwable e) { // the job is answered whatever it was
      handle(attempt, e);
    } finally {
      job.rests();
    }
  }

  private void step(I input) throws InterruptedException {
    ByteBudget.Lease lease = plan.budget().take(plan.bytes().applyAsLong(input));
    try {
      plan.step().run(input, lease);
    } catch (Throwable e) {
      lease.close();
      throw e;
    }
  }

  private void handle(Try<I> attempt, Throwable thrown) {
    if (attempt.input().job().hasEnded()) {
      attempt.input().discard(); // it was interrupted for that
      return;
    }
    Verdict verdict = FailureClassifier.of(thrown, plan.side());
    if (verdict instanceof Verdict.Fails fails) {
      end(attempt.input(), fails.failure());
    } else if (verdict instanceof Verdict.Outage outage) {
      outage(attempt, outage.reason(), thrown);
    } else if (verdict instanceof Verdict.Ours ours) {
      Duration pause = services.retries().afterOurs(attempt.failures() + 1);
      services.holds().report(plan.name(), ours.reason(), pause);
      again(attempt, services.ticker().read(), pause);
    }
  }

  private void outage(Try<I> attempt, String reason, Throwable thrown) {
    long now = services.ticker().read();
    long since = attempt.failures() == 0 ? now : attempt.since();
    Duration limit = services.retries().limit();
    if (now - since > limit.toNanos()) {
      String message = "no proper answer for " + limit.toSeconds() + " s: " + reason;
      end(attempt.input(), JobFailedException.failed(FailureKind.EXTERNAL, message, thrown));
      return;
    }
    LOG.debug("{} is tried again: {}", plan.name(), reason);
    again(attempt, since, services.retries().afterOutage(attempt.failures() + 1));
  }

  private void again(Try<I> attempt, long since, Duration pause) {
    Job job = attempt.input().job();
    services
        .delays()
        .after(
            pause,
            () -> {
              Optional<JobFailedException> reason = services.leaving().reason(job);
              if (reason.isPresent()) {
                end(attempt.input(), reason.get());
              } else if (services.leaving().isStopping()) {
                leave(attempt.input());
              } else {
                submit(new Try<>(attempt.input(), attempt.failures() + 1, since));
              }
            });
  }

  private void end(I input, JobFailedException failure) {
    input.discard();
    services.endings().failed(input.job(), failure);
  }

  private void leave(I input) {
    input.discard();
    services.endings().leave(input.job());
  }

  /** Interrupts what runs; what waits is dropped. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
