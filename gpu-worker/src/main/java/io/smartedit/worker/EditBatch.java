package io.smartedit.worker;

import io.smartedit.editor.OutOfDeviceMemoryException;
import io.smartedit.events.Priority;
import io.smartedit.worker.CallTurns.Part;
import io.smartedit.worker.fair.Shares;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The edits in the device, each at its own step; they join and leave between calls, and those of a
 * kind share them as {@link CallTurns} says. A job has an edit for every variant that is wanted,
 * and they end together. What goes wrong with one ends that one; where memory runs out there are
 * fewer from then on. Used by the device's thread.
 */
final class EditBatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EditBatch.class);

  private final ImageEditor editor;
  private final BatchLimit limit;
  private final CallTurns turns;
  private final Listener listener;
  private final List<BatchMember> members = new ArrayList<>();

  /** Not begun yet; what did not fit beside the others is the first of them. */
  private final Deque<PreparedEdit> waiting = new ArrayDeque<>();

  /** Edits that fit into the device together, as far as is known. */
  private int room = Integer.MAX_VALUE;

  /** Whether an edit that is in no hurry was begun since the last call. */
  private boolean begun;

  /** Hears of jobs on the device's thread; throws nothing. */
  interface Listener {
    /** Whether the job is no longer wanted here; it has been ended then. */
    boolean hasLeft(Job job);

    void stepped(Job job, int step, int steps);

    /** The job's image is there; the job no longer holds device memory. */
    void decoded(DecodedEdit edit);

    void failed(Job job, Throwable thrown);
  }

  EditBatch(ImageEditor editor, BatchLimit limit, Shares shares, Listener listener) {
    this.editor = editor;
    this.limit = limit;
    this.turns = new CallTurns(shares);
    this.listener = listener;
  }

  boolean isEmpty() {
    return members.isEmpty() && waiting.isEmpty();
  }

  private int edits() {
    return members.stream().mapToInt(member -> member.edits().size()).sum();
  }

  /** Takes a job; it begins when it is its turn. */
  void add(PreparedEdit prepared) {
    waiting.addLast(prepared);
  }

  /**
   * Begins one of the jobs that wait, urgent ones before the others; false where none may begin
   * before the next call. While an urgent edit is under way, a call waits for one other at most.
   */
  boolean begin() {
    waiting.removeIf(prepared -> listener.hasLeft(prepared.job()));
    if (waiting.isEmpty() || (!members.isEmpty() && edits() >= room)) {
      return false;
    }
    PreparedEdit next =
        waiting.stream().filter(EditBatch::isUrgent).findFirst().orElseGet(waiting::element);
    boolean calm = !isUrgent(next);
    if (calm && begun && members.stream().anyMatch(member -> isUrgent(member.prepared()))) {
      return false;
    }
    begun |= calm;
    waiting.remove(next);
    return begin(next);
  }

  private static boolean isUrgent(PreparedEdit prepared) {
    return prepared.priority() == Priority.HIGH;
  }

  private boolean begin(PreparedEdit prepared) {
    Job job = prepared.job();
    long begin = job.times().begin();
    try {
      members.add(new BatchMember(prepared, editor.begin(prepared.request(), prepared.variants())));
      job.times().add(StageTimes.Timed.READ, begin);
    } catch (OutOfDeviceMemoryException e) {
      if (members.isEmpty()) {
        listener.failed(job, e);
        return true;
      }
      shrink();
      waiting.addFirst(prepared);
      return false;
    } catch (Throwable e) { // the job is answered whatever it was
      fail(prepared, e);
    }
    return true;
  }

  /** One call: a step of the edits whose turn it is; those that are done leave. */
  void advance() {
    begun = false;
    leave();
    List<Part> open =
        members.stream()
            .flatMap(member -> member.edits().stream().map(edit -> new Part(member, edit)))
            .filter(part -> !part.edit().isDone())
            .toList();
    if (!open.isEmpty()) {
      step(turns.next(open, limit));
    }
    decode();
  }

  /** Frees all edits; their jobs are handed back. */
  List<Job> dissolve() {
    List<Job> jobs = new ArrayList<>(waiting.stream().map(PreparedEdit::job).toList());
    waiting.clear();
    for (BatchMember member : List.copyOf(members)) {
      remove(member);
      jobs.add(member.job());
    }
    return jobs;
  }

  @Override
  public void close() {
    dissolve();
  }

  private void leave() {
    for (BatchMember member : List.copyOf(members)) {
      if (listener.hasLeft(member.job())) {
        remove(member);
      }
    }
  }

  /**
   * Steps together. Where that fails, those that were not stepped are tried again: in halves where
   * memory ran out, else one by one, so that nobody fails for another.
   */
  private void step(List<Part> wanted) {
    // Of a job that was dropped meanwhile nothing more is stepped.
    List<Part> together = wanted.stream().filter(part -> members.contains(part.member())).toList();
    if (together.isEmpty()) {
      return;
    }
    int rows = together.stream().mapToInt(part -> part.edit().rows()).sum();
    int[] before = together.stream().mapToInt(part -> part.edit().step()).toArray();
    long begin = together.get(0).member().job().times().begin();
    Throwable thrown = null;
    try {
      editor.step(together.stream().map(Part::edit).toList());
    } catch (Throwable e) { // each job is answered whatever it was
      thrown = e;
    }
    List<Part> behind = new ArrayList<>();
    Set<BatchMember> stepped = new LinkedHashSet<>();
    for (int i = 0; i < together.size(); i++) {
      Part part = together.get(i);
      if (part.edit().step() == before[i]) {
        behind.add(part);
      } else {
        stepped.add(part.member());
      }
    }
    for (BatchMember member : stepped) {
      member.job().times().add(StageTimes.Timed.DENOISED, begin);
      member.job().times().shared(together.size());
      listener.stepped(member.job(), member.step(), member.steps());
    }
    if (thrown == null) {
      long nanos = together.get(0).member().job().times().begin() - begin;
      limit.called(together.get(0).kind(), together.size(), rows, nanos);
    } else {
      stepAgain(behind, together.size(), thrown);
    }
  }

  private void stepAgain(List<Part> behind, int together, Throwable thrown) {
    if (FailureClassifier.endsTheWorker(thrown)) {
      throw new DeviceLostException(thrown);
    }
    if (together == 1) {
      behind.forEach(part -> drop(part.member(), thrown));
      return;
    }
    if (thrown instanceof OutOfDeviceMemoryException) {
      limit.outOfMemory(behind.get(0).kind(), together);
      LOG.warn("{} edits at once do not fit into the device's memory", together);
      step(behind.subList(0, behind.size() / 2));
      step(behind.subList(behind.size() / 2, behind.size()));
      return;
    }
    LOG.warn("{} edits are stepped one by one: {}", behind.size(), thrown.toString());
    behind.forEach(part -> step(List.of(part)));
  }

  /**
   * Lets those that are done leave. One whose image does not fit beside the others is tried again
   * as they leave; where none of them can, one is given up, which frees its memory for the rest.
   */
  private void decode() {
    int before = members.size();
    BatchMember stuck = null;
    OutOfDeviceMemoryException why = null;
    for (BatchMember member : List.copyOf(members)) {
      try {
        if (member.isDone()) {
          decode(member);
        }
      } catch (OutOfDeviceMemoryException e) {
        stuck = member;
        why = e;
      } catch (Throwable e) { // the job is answered whatever it was
        drop(member, e);
      }
    }
    if (stuck == null || why == null) {
      return;
    }
    boolean waits = members.stream().anyMatch(member -> !member.isDone());
    if (waits || members.size() < before) {
      shrink();
    } else {
      drop(stuck, why);
    }
  }

  private void decode(BatchMember member) {
    DecodedEdit decoded = member.decode();
    remove(member);
    listener.decoded(decoded);
  }

  private void shrink() {
    room = Math.max(1, Math.min(room, edits()));
    LOG.warn("the device is out of memory; from now on at most {} edits are in it", room);
  }

  private void drop(BatchMember member, Throwable thrown) {
    remove(member);
    fail(member.prepared(), thrown);
  }

  private void fail(PreparedEdit prepared, Throwable thrown) {
    if (FailureClassifier.endsTheWorker(thrown)) {
      throw new DeviceLostException(thrown);
    }
    listener.failed(prepared.job(), thrown);
  }

  private void remove(BatchMember member) {
    members.remove(member);
    member.close();
  }
}
