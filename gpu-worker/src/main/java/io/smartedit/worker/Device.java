package io.smartedit.worker;

import static java.util.Objects.requireNonNull;

import io.smartedit.editor.BadRequestException;
import io.smartedit.editor.OutOfDeviceMemoryException;
import io.smartedit.events.FailureKind;
import io.smartedit.worker.Stopwatch.Stage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the model. It holds a batch of edits, each at its own step; one that is done
 * leaves and the next one joins at once. Every job that enters is answered, whatever happens.
 */
final class Device implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Device.class);
  private static final long IDLE_MILLIS = 100;

  private final Engine engine;
  private final Listener listener;
  private final BlockingQueue<Job> waiting;
  private final List<Job> batch = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "device");
  private volatile boolean closing;
  private volatile boolean ready;
  private int batchLimit;

  /** Hears of jobs on the device's thread. */
  interface Listener {
    /** Why the job is to be given up, where it is. */
    Optional<EditFailure> reasonToLeave(Job job);

    void stepped(Job job);

    /** The job's image is there; the job no longer holds device memory. */
    void edited(Job job);

    void failed(Job job, EditFailure failure);
  }

  Device(Engine engine, int batchLimit, int capacity, Listener listener) {
    this.engine = engine;
    this.batchLimit = batchLimit;
    this.waiting = new ArrayBlockingQueue<>(capacity);
    this.listener = listener;
  }

  void start(Consumer<Throwable> onDeath) {
    thread.setUncaughtExceptionHandler((dead, cause) -> onDeath.accept(cause));
    thread.start();
  }

  /** Whether the model is warm. */
  boolean isReady() {
    return ready;
  }

  /** Hands over a fetched job; waits where the queue is full. */
  void submit(Job job) throws InterruptedException {
    waiting.put(job);
  }

  /** Ends after the present step; jobs under way are dropped. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      engine.warmUp();
      ready = true;
      while (!closing) {
        admit();
        if (!batch.isEmpty()) {
          leave();
          stepAll(batch.stream().filter(job -> !running(job).isDone()).toList());
          finish();
        }
      }
    } finally {
      batch.forEach(job -> running(job).close());
      engine.close();
    }
  }

  /** Fills the batch; a suspect runs alone. */
  private void admit() {
    while (batch.size() < batchLimit) {
      Job next = batch.isEmpty() ? poll() : waiting.peek();
      if (next == null) {
        return;
      }
      if (!batch.isEmpty()) {
        if (next.isSuspect() || batch.get(0).isSuspect()) {
          return;
        }
        waiting.remove();
      }
      begin(next);
    }
  }

  private @Nullable Job poll() {
    try {
      return waiting.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closing = true;
      return null;
    }
  }

  private void begin(Job job) {
    if (job.ledger.isAbandoned() || hasToLeave(job)) {
      return;
    }
    long start = System.nanoTime();
    try {
      job.running = engine.begin(requireNonNull(job.edit, "job was not fetched"));
      job.watch.add(Stage.READ, start);
      batch.add(job);
    } catch (RuntimeException e) {
      listener.failed(job, failure(job, e));
    }
  }

  /** Edits that are cancelled, late, or another worker's leave between steps. */
  private void leave() {
    for (Iterator<Job> jobs = batch.iterator(); jobs.hasNext(); ) {
      Job job = jobs.next();
      if (job.ledger.isAbandoned() || hasToLeave(job)) {
        running(job).close();
        jobs.remove();
      }
    }
  }

  private boolean hasToLeave(Job job) {
    Optional<EditFailure> reason = listener.reasonToLeave(job);
    reason.ifPresent(failure -> listener.failed(job, failure));
    return reason.isPresent();
  }

  /** Steps together; where memory runs out, half by half, and no larger batch from then on. */
  private void stepAll(List<Job> jobs) {
    if (jobs.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    try {
      engine.step(jobs.stream().map(Device::running).toList());
    } catch (RuntimeException e) {
      if (e instanceof OutOfDeviceMemoryException && jobs.size() > 1) {
        batchLimit = Math.max(1, jobs.size() / 2);
        LOG.warn(
            "out of memory with {} edits in a batch; from now on at most {}",
            jobs.size(),
            batchLimit);
        stepAll(jobs.subList(0, jobs.size() / 2));
        stepAll(jobs.subList(jobs.size() / 2, jobs.size()));
        return;
      }
      jobs.forEach(job -> drop(job, failure(job, e)));
      return;
    }
    for (Job job : jobs) {
      job.watch.add(Stage.DENOISED, start);
      job.batch = Math.max(job.batch, jobs.size());
      listener.stepped(job);
    }
  }

  private void finish() {
    for (Job job : List.copyOf(batch)) {
      if (running(job).isDone()) {
        long start = System.nanoTime();
        try {
          job.edited = running(job).finish();
        } catch (RuntimeException e) {
          drop(job, failure(job, e));
          continue;
        }
        job.watch.add(Stage.DEVELOPED, start);
        running(job).close();
        batch.remove(job);
        listener.edited(job);
      }
    }
  }

  private void drop(Job job, EditFailure failure) {
    running(job).close();
    batch.remove(job);
    listener.failed(job, failure);
  }

  private static EditFailure failure(Job job, RuntimeException e) {
    if (e instanceof BadRequestException) {
      return EditFailure.rejected(String.valueOf(e.getMessage()));
    }
    if (e instanceof OutOfDeviceMemoryException) {
      return EditFailure.failed(FailureKind.RESOURCES, "the edit does not fit the device's memory");
    }
    LOG.error("request {} failed", job.request.getRequestId(), e);
    return EditFailure.failed(
        FailureKind.INTERNAL, "internal error; the worker's log has it under this request's id");
  }

  private static Engine.Edit running(Job job) {
    return requireNonNull(job.running, "job is not running");
  }
}
