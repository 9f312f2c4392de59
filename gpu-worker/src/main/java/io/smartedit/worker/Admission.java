package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.events.Priority;
import io.smartedit.worker.fair.FairQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * The gate before work, and the one before the device.
 *
 * <p>Behind the first, a suspect (a request over which a worker died) runs alone: it waits until
 * nothing else is in work, and nothing else is let in until it has ended. Behind the second, whose
 * turn it is goes by fair shares. Before a job passes the second, an attempt is noted outside this
 * process, for that job only; where that cannot be done now, it waits. Used by the consumer's
 * thread.
 */
final class Admission {

  /** Edits in the device, in those that it steps at once: while one kind is stepped others rest. */
  private static final int OF_ALL_KINDS = 2;

  private final BatchLimit limit;
  private final Predicate<Collection<Receipt>> noted;
  private final Consumer<ResolvedRequest> work;
  private final Consumer<PreparedEdit> device;

  private final Queue<ResolvedRequest> resolved;
  private final Queue<PreparedEdit> prepared;
  private final Deque<ResolvedRequest> beforeWork = new ArrayDeque<>();
  private final FairQueue<PreparedEdit> beforeDevice;

  /** Whose turn it is, until that is noted. */
  private final List<PreparedEdit> entering = new ArrayList<>();

  private final ToDoubleFunction<EditRequested> cost;
  private final Set<Job> inWork = new LinkedHashSet<>();
  private final Set<PreparedEdit> inDevice = new LinkedHashSet<>();

  /** Jobs that wait to be let into work and into the device; others add to them. */
  record Arrivals(Queue<ResolvedRequest> resolved, Queue<PreparedEdit> prepared) {
    Arrivals() {
      this(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());
    }
  }

  /**
   * @param limit edits of a kind that the device steps at once; so many of each kind, and twice as
   *     many in all, may be in it, and of urgent ones as many whatever else is in it. A job takes a
   *     place for each of its variants, and the last to enter may take more than there are
   * @param noted says outside this process what is noted of these records; whether it is there
   */
  Admission(
      Arrivals arrivals,
      BatchLimit limit,
      Predicate<Collection<Receipt>> noted,
      Fairness rules,
      Consumer<ResolvedRequest> work,
      Consumer<PreparedEdit> device) {
    resolved = arrivals.resolved();
    prepared = arrivals.prepared();
    this.limit = limit;
    this.noted = noted;
    beforeDevice = new FairQueue<>(rules.shares());
    cost = rules.cost();
    this.work = work;
    this.device = device;
  }

  /** Lets in what may go in. */
  void turn() {
    collect();
    admitToWork();
    admitToDevice();
  }

  private void collect() {
    for (ResolvedRequest next = resolved.poll(); next != null; next = resolved.poll()) {
      beforeWork.addLast(next);
    }
    for (PreparedEdit next = prepared.poll(); next != null; next = prepared.poll()) {
      TakenRequest taken = next.job().taken();
      beforeDevice.add(
          new FairQueue.Item<>(Lanes.of(taken), cost.applyAsDouble(taken.request()), 1, next));
    }
    beforeWork.removeIf(request -> request.job().hasEnded());
    beforeDevice.removeIf(edit -> edit.job().hasEnded(), ended -> {});
    entering.removeIf(edit -> edit.job().hasEnded());
    inWork.removeIf(Job::hasEnded);
    unmark();
  }

  /**
   * Whoever has left the device is no longer noted. Of one that was alone this is said at once, for
   * a death from here on would be none of its doing; of others with the next commit.
   */
  private void unmark() {
    Set<Receipt> touched = new HashSet<>();
    for (PreparedEdit edit : List.copyOf(inDevice)) {
      Job job = edit.job();
      JobState state = job.state();
      if (state == JobState.DENOISING) {
        continue;
      }
      inDevice.remove(edit);
      if (state == JobState.LEFT) {
        continue; // whoever hands it over says whether that was a death
      }
      Receipt receipt = job.taken().receipt();
      if (receipt.mark() == AttemptMark.ALONE) {
        touched.add(receipt);
      }
      receipt.mark(AttemptMark.NONE);
    }
    if (!touched.isEmpty()) {
      var unused = noted.test(touched); // else it is said later
    }
  }

  private void admitToWork() {
    while (!beforeWork.isEmpty() && inWork.stream().noneMatch(Job::isSuspect)) {
      ResolvedRequest next = beforeWork.element();
      if (next.job().isSuspect() && !inWork.isEmpty()) {
        return; // whatever comes behind it waits too, so that its turn comes
      }
      beforeWork.remove();
      if (next.job().moveTo(JobState.FETCHING)) {
        inWork.add(next.job());
        work.accept(next);
      }
    }
  }

  private void admitToDevice() {
    while (beforeDevice.peek().filter(next -> mayEnter(next.what())).isPresent()) {
      entering.add(beforeDevice.next().orElseThrow().what());
    }
    if (entering.isEmpty() || !note()) {
      return;
    }
    for (PreparedEdit next : entering) {
      if (next.job().moveTo(JobState.DENOISING)) {
        inDevice.add(next);
        device.accept(next);
      } else {
        next.job().taken().receipt().mark(AttemptMark.NONE);
      }
    }
    entering.clear();
  }

  private boolean mayEnter(PreparedEdit next) {
    String kind = next.request().kind();
    int most = limit.of(kind);
    if (next.priority() == Priority.HIGH) {
      return places(edit -> edit.priority() == Priority.HIGH) < most;
    }
    return places(edit -> edit.request().kind().equals(kind)) < most
        && places(edit -> true) < OF_ALL_KINDS * most;
  }

  /** Places taken by those in the device, or about to enter it, that are such. */
  private int places(Predicate<PreparedEdit> such) {
    return Stream.concat(inDevice.stream(), entering.stream())
        .filter(such)
        .mapToInt(PreparedEdit::variants)
        .sum();
  }

  /** Says outside this process what is about to be tried. */
  private boolean note() {
    Set<Receipt> touched = new HashSet<>();
    AttemptMark mark = inWork.size() == 1 ? AttemptMark.ALONE : AttemptMark.SHARED;
    for (PreparedEdit next : entering) {
      Receipt receipt = next.job().taken().receipt();
      receipt.mark(mark);
      touched.add(receipt);
    }
    for (PreparedEdit edit : inDevice) { // whoever was alone no longer is
      Receipt receipt = edit.job().taken().receipt();
      if (receipt.mark() == AttemptMark.ALONE) {
        receipt.mark(AttemptMark.SHARED);
        touched.add(receipt);
      }
    }
    if (noted.test(touched)) {
      return true;
    }
    entering.forEach(next -> next.job().taken().receipt().mark(AttemptMark.NONE));
    return false;
  }
}
