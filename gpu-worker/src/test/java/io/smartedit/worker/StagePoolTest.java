package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.FailureKind;
import io.smartedit.events.Status;
import io.smartedit.store.StoreException;
import io.smartedit.store.StoreException.Kind;
import io.smartedit.worker.FailureClassifier.Side;
import io.smartedit.worker.LookupStage.TakenJob;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A stage on a thread that runs what it is given at once; time passes when the test says so. */
final class StagePoolTest {

  private final ManualTime time = new ManualTime();
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final JobEndings endings = Fixtures.endings();
  private final Delays delays = new Delays(time);
  private final Holds holds = new Holds(time);
  private final ByteBudget budget = new ByteBudget(1 << 20);
  private final Deque<Throwable> troubles = new ArrayDeque<>();
  private Runnable during = () -> {};
  private int runs;
  private int done;

  @Test
  void whateverAStepThrowsEndsTheJob() {
    for (Throwable thrown :
        List.of(
            new IllegalStateException("a secret of ours"),
            new OutOfMemoryError("Java heap space"),
            new StackOverflowError(),
            new NoClassDefFoundError("gone"),
            new AssertionError("never"))) {
      troubles.add(thrown);

      pool(Side.OUTPUT).accept(new TakenJob(Fixtures.job("a")));

      assertThat(Fixtures.ended(endings))
          .as(thrown.toString())
          .singleElement()
          .satisfies(
              ended -> {
                assertThat(ended.outcome().getStatus()).isEqualTo(Status.FAILED);
                assertThat(ended.outcome().getFailure().getMessage())
                    .doesNotContain("secret", "gone", "never", "heap");
              });
      assertThat(budget.free()).as("its bytes come back").isEqualTo(1 << 20);
    }
  }

  @Test
  void anOutageIsAskedAgainWithoutHoldingTheThread() {
    troubles.add(new StoreException(Kind.UNAVAILABLE, "slow down"));
    troubles.add(new StoreException(Kind.UNAVAILABLE, "slow down"));
    Job job = Fixtures.job("a");

    pool(Side.OUTPUT).accept(new TakenJob(job));
    assertThat(runs).isEqualTo(1);
    delays.runDue();
    assertThat(runs).as("not before its time").isEqualTo(1);
    pass(2);

    assertThat(runs).isEqualTo(3);
    assertThat(done).isEqualTo(1);
    assertThat(holds.reason()).isEmpty();
  }

  @Test
  void anOutageIsWaitedForForALimitedTime() {
    for (int i = 0; i < 1000; i++) {
      troubles.add(new StoreException(Kind.UNAVAILABLE, "gone"));
    }

    pool(Side.OUTPUT).accept(new TakenJob(Fixtures.job("a")));
    pass(30);

    assertThat(Fixtures.ended(endings))
        .singleElement()
        .satisfies(
            ended -> {
              assertThat(ended.outcome().getFailure().getKind()).isEqualTo(FailureKind.EXTERNAL);
              assertThat(ended.outcome().getFailure().getMessage())
                  .isEqualTo("no proper answer for 10 s: gone");
            });
    assertThat(runs).isLessThan(30);
  }

  @Test
  void whatIsOursToMendRejectsNothingAndHoldsTheWorker() {
    for (int i = 0; i < 20; i++) {
      troubles.add(new StoreException(Kind.MISCONFIGURED, "InvalidAccessKeyId"));
    }

    pool(Side.OUTPUT).accept(new TakenJob(Fixtures.job("a")));
    pass(240);

    assertThat(Fixtures.ended(endings)).isEmpty();
    assertThat(holds.reason())
        .hasValueSatisfying(r -> assertThat(r).contains("InvalidAccessKeyId"));
    pass(600);
    assertThat(done).as("mended at last").isEqualTo(1);
    assertThat(holds.reason()).isEmpty();
  }

  @Test
  void aMissingBucketOfResultsIsOursAndAMissingSourceTheSendersOwn() {
    troubles.add(new StoreException(Kind.NOT_FOUND, "NoSuchBucket"));
    pool(Side.OUTPUT).accept(new TakenJob(Fixtures.job("a")));
    assertThat(Fixtures.ended(endings)).isEmpty();
    assertThat(holds.reason()).isPresent();

    for (Kind kind : List.of(Kind.NOT_FOUND, Kind.DENIED, Kind.TOO_LARGE)) {
      troubles.add(new StoreException(kind, "NoSuchKey"));
      pool(Side.SOURCE).accept(new TakenJob(Fixtures.job("b")));
      assertThat(Fixtures.ended(endings))
          .singleElement()
          .satisfies(ended -> assertThat(ended.outcome().getStatus()).isEqualTo(Status.REJECTED));
    }
  }

  @Test
  void aHoldLapsesWhereNobodyIsLeftToTryAgain() {
    troubles.add(new StoreException(Kind.MISCONFIGURED, "InvalidAccessKeyId"));
    pool(Side.OUTPUT).accept(new TakenJob(Fixtures.job("a")));
    assertThat(holds.reason()).isPresent();

    time.pass(Duration.ofMinutes(1));

    assertThat(holds.reason()).isEmpty();
  }

  @Test
  void whoeverWaitsIsStillHeard() {
    troubles.add(new StoreException(Kind.UNAVAILABLE, "gone"));
    pool(Side.OUTPUT).accept(new TakenJob(Fixtures.job("a")));

    cancelled.set(true);
    pass(2);

    assertThat(Fixtures.ended(endings))
        .singleElement()
        .satisfies(ended -> assertThat(ended.outcome().getStatus()).isEqualTo(Status.CANCELLED));
    assertThat(runs).isEqualTo(1);
  }

  /** Who is interrupted for a job that has ended works on others afterwards. */
  @Test
  void anEndedJobIsInterruptedAndItsThreadGoesOn() {
    Job job = Fixtures.job("a");
    StagePool<TakenJob> pool = pool(Side.SOURCE);
    during =
        () -> {
          endings.failed(job, JobFailedException.expired());
          job.interrupt();
          assertThat(Thread.currentThread().isInterrupted()).isTrue();
          throw new StoreException(Kind.UNAVAILABLE, "interrupted");
        };

    pool.accept(new TakenJob(job));

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(Fixtures.ended(endings)).hasSize(1);
    assertThat(budget.free()).isEqualTo(1 << 20);
    job.interrupt();
    assertThat(Thread.currentThread().isInterrupted()).as("it rests").isFalse();
  }

  @Test
  void whatWouldHaveToBeWaitedForIsLeftWhereTheWorkerStops() {
    troubles.add(new StoreException(Kind.UNAVAILABLE, "gone"));
    Job job = Fixtures.job("a");
    pool(Side.OUTPUT).accept(new TakenJob(job));

    stopping.set(true);
    delays.runAll();

    assertThat(job.state()).isEqualTo(JobState.LEFT);
    assertThat(Fixtures.ended(endings)).isEmpty();
  }

  @Test
  void aClosedPoolLeavesWhatItIsGiven() {
    StagePool<TakenJob> pool = pool(Side.OUTPUT);
    pool.close();
    Job job = Fixtures.job("a");

    pool.accept(new TakenJob(job));

    assertThat(job.state()).isEqualTo(JobState.LEFT);
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      time.pass(Duration.ofSeconds(1));
      delays.runDue();
    }
  }

  private StagePool<TakenJob> pool(Side side) {
    LeaveRules leaving =
        new LeaveRules(
            taken -> cancelled.get(), taken -> Optional.empty(), "test", stopping::get, time);
    return new StagePool<>(
        new StagePool.Plan<>("testing", side, budget, input -> 1000, this::step),
        new AtOnce(),
        new StagePool.Services(
            endings,
            leaving,
            new RetryPolicy(Duration.ofSeconds(10), () -> 0.5),
            delays,
            holds,
            time));
  }

  private void step(TakenJob input, ByteBudget.Lease lease) {
    runs++;
    during.run();
    Throwable trouble = troubles.poll();
    if (trouble instanceof RuntimeException e) {
      throw e;
    }
    if (trouble instanceof Error e) {
      throw e;
    }
    done++;
    lease.close();
  }

  /** Runs what it is given on the caller's thread. */
  private static final class AtOnce extends AbstractExecutorService {
    private boolean closed;

    @Override
    public void execute(Runnable task) {
      if (closed) {
        throw new java.util.concurrent.RejectedExecutionException("closed");
      }
      task.run();
    }

    @Override
    public void shutdown() {
      closed = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      closed = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return closed;
    }

    @Override
    public boolean isTerminated() {
      return closed;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return closed;
    }
  }
}
