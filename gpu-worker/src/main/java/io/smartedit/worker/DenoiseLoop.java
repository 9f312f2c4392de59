package io.smartedit.worker;

import io.smartedit.worker.fair.Shares;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread that owns the model and its device: prepared edits come in by its queue, share steps
 * in an {@link EditBatch}, and go on as decoded images. What it still holds when it ends is left to
 * another worker.
 */
final class DenoiseLoop implements EditBatch.Listener, AutoCloseable {

  private static final long IDLE_MILLIS = 100;

  private final ImageEditor editor;
  private final EditBatch batch;
  private final BatchLimit limit;
  private final JobEndings endings;
  private final LeaveRules leaving;
  private final ProgressPublisher progress;
  private final Consumer<DecodedEdit> next;
  private final BlockingQueue<PreparedEdit> queue = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "device");
  private volatile boolean closing;
  private volatile boolean ready;
  private volatile @Nullable Consumer<Throwable> onDeath;

  /** The loop owns the editor. */
  DenoiseLoop(
      ImageEditor editor,
      BatchLimit limit,
      Shares shares,
      JobEndings endings,
      LeaveRules leaving,
      ProgressPublisher progress,
      Consumer<DecodedEdit> next) {
    this.editor = editor;
    this.limit = limit;
    this.endings = endings;
    this.leaving = leaving;
    this.progress = progress;
    this.next = next;
    batch = new EditBatch(editor, limit, shares, this);
  }

  /** {@code death} hears why the loop ended by itself. */
  void start(Consumer<Throwable> death) {
    onDeath = death;
    thread.start();
  }

  /** Whether the model is warm and edits are made. */
  boolean isReady() {
    return ready;
  }

  /** Edits that may share a call, of the kind that was called last. */
  int batchLimit() {
    return limit.last();
  }

  /** Takes an edit; how many there are, {@link Admission} bounds. */
  void accept(PreparedEdit edit) {
    queue.add(edit);
    if (closing) {
      leaveQueue();
    }
  }

  /** Ends after the present step. */
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
      editor.warmUp();
      ready = true;
      while (!closing) {
        admit();
        batch.advance();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) { // the worker ends, whatever it was
      Consumer<Throwable> death = onDeath;
      if (death != null) {
        death.accept(e);
      }
    } finally {
      ready = false;
      closing = true;
      batch.dissolve().forEach(endings::leave);
      leaveQueue();
      editor.close();
    }
  }

  /** Looks for who comes between any two readings, so that an urgent one waits for one at most. */
  private void admit() throws InterruptedException {
    if (batch.isEmpty()) {
      PreparedEdit first = queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
      if (first == null) {
        return;
      }
      batch.add(first);
    }
    do {
      for (PreparedEdit next = queue.poll(); next != null; next = queue.poll()) {
        batch.add(next);
      }
    } while (!closing && batch.begin());
  }

  private void leaveQueue() {
    List<PreparedEdit> left = new ArrayList<>();
    queue.drainTo(left);
    left.forEach(edit -> endings.leave(edit.job()));
  }

  @Override
  public boolean hasLeft(Job job) {
    if (!job.hasEnded() && !job.isAbandoned()) {
      leaving.reason(job).ifPresent(reason -> endings.failed(job, reason));
    } else if (job.isAbandoned()) {
      endings.leave(job);
    }
    return job.hasEnded();
  }

  @Override
  public void stepped(Job job, int step, int steps) {
    progress.stepped(job, step, steps);
  }

  @Override
  public void decoded(DecodedEdit edit) {
    if (edit.job().moveTo(JobState.ENCODING)) {
      next.accept(edit);
    }
  }

  @Override
  public void failed(Job job, Throwable thrown) {
    endings.failed(job, FailureClassifier.failure(thrown));
  }
}
