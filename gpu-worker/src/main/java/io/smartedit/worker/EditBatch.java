package io.smartedit.worker;

import io.smartedit.editor.OutOfDeviceMemoryException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The edits in the device, each at its own step; they share steps, join and leave between them. A
 * job has an edit for every variant that is wanted, and they end together. What goes wrong with one
 * ends that one; where memory runs out there are fewer from then on. Used by the device's thread.
 */
final class EditBatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EditBatch.class);

  private final ImageEditor editor;
  private final Listener listener;
  private final List<BatchMember> members = new ArrayList<>();

  /** Did not fit beside the others; begun anew once there is room. */
  private final Deque<PreparedEdit> postponed = new ArrayDeque<>();

  private int limit;

  /** One of a job's edits. */
  private record Part(BatchMember member, ImageEditor.Edit edit) {}

  /** Hears of jobs on the device's thread; throws nothing. */
  interface Listener {
    /** Whether the job is no longer wanted here; it has been ended then. */
    boolean hasLeft(Job job);

    void stepped(Job job, int step, int steps);

    /** The job's image is there; the job no longer holds device memory. */
    void decoded(DecodedEdit edit);

    void failed(Job job, Throwable thrown);
  }

  EditBatch(ImageEditor editor, int limit, Listener listener) {
    this.editor = editor;
    this.limit = limit;
    this.listener = listener;
  }

  boolean isEmpty() {
    return members.isEmpty() && postponed.isEmpty();
  }

  /** Whether another job may join, however many edits it has. */
  boolean hasRoom() {
    return edits() + postponed.stream().mapToInt(each -> variants(each)).sum() < limit;
  }

  private int edits() {
    return members.stream().mapToInt(member -> member.edits().size()).sum();
  }

  private static int variants(PreparedEdit prepared) {
    return prepared.job().taken().variants();
  }

  /** Lets a job join. */
  void join(PreparedEdit prepared) {
    Job job = prepared.job();
    if (listener.hasLeft(job)) {
      return;
    }
    long begin = job.times().begin();
    try {
      members.add(new BatchMember(prepared, editor.begin(prepared.request(), variants(prepared))));
      job.times().add(StageTimes.Timed.READ, begin);
    } catch (OutOfDeviceMemoryException e) {
      if (members.isEmpty()) {
        listener.failed(job, e);
        return;
      }
      shrink(edits());
      postponed.addLast(prepared);
    } catch (Throwable e) { // the job is answered whatever it was
      fail(prepared, e);
    }
  }

  /** One step of every edit; those that are done leave. */
  void advance() {
    leave();
    while (!postponed.isEmpty() && edits() < limit) {
      join(postponed.removeFirst());
    }
    List<Part> open =
        members.stream()
            .flatMap(member -> member.edits().stream().map(edit -> new Part(member, edit)))
            .filter(part -> !part.edit().isDone())
            .toList();
    for (int from = 0; from < open.size(); ) {
      int end = Math.min(open.size(), from + limit);
      step(open.subList(from, end));
      from = end;
    }
    decode();
  }

  /** Frees all edits; their jobs are handed back. */
  List<Job> dissolve() {
    List<Job> jobs = new ArrayList<>(postponed.stream().map(PreparedEdit::job).toList());
    postponed.clear();
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
    postponed.removeIf(prepared -> listener.hasLeft(prepared.job()));
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
    if (thrown != null) {
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
      shrink(together / 2);
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
      shrink(edits());
    } else {
      drop(stuck, why);
    }
  }

  private void decode(BatchMember member) {
    DecodedEdit decoded = member.decode();
    remove(member);
    listener.decoded(decoded);
  }

  private void shrink(int most) {
    limit = Math.max(1, Math.min(limit, most));
    LOG.warn("the device is out of memory; from now on at most {} edits share it", limit);
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
