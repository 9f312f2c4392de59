package io.smartedit.worker;

import io.smartedit.worker.CommitMetadata.Note;
import io.smartedit.worker.fair.Reading;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * The books of one assignment of a partition: which records were taken and which are done, how far
 * the partition may therefore be committed (up to the first record that is not done), and what is
 * noted of attempts beside that offset.
 *
 * <p>Used by the consumer's thread, but where said otherwise.
 */
final class OffsetLedger {

  private final NavigableMap<Long, Note> open = new TreeMap<>();

  /** Records that were read and not taken yet. */
  private final Reading reading = new Reading();

  /** Noted by a worker before this one, of records not taken yet. */
  private final NavigableMap<Long, Attempts> earlier = new TreeMap<>();

  private Instant outsideDeath;
  private long next = -1;
  private volatile boolean abandoned;

  /** Opens the books where the last worker left them. */
  OffsetLedger(CommitMetadata left) {
    outsideDeath = left.outsideDeath();
    left.notes().forEach((offset, n) -> earlier.put(offset, n.attempts().afterDeath(n.mark())));
  }

  /** How far the partition is read ahead of what was taken. */
  Reading reading() {
    return reading;
  }

  /**
   * Whether a record is to be looked at: it comes behind all that were read, or these are read
   * again, by choice or, with nothing open, after a reset.
   */
  boolean isNew(long offset) {
    if (offset >= reading.next() || reading.isAgain()) {
      return true;
    }
    if (open.isEmpty() && reading.first().isEmpty()) {
      reading.beginAnew(offset);
      next = offset;
      return true;
    }
    return false;
  }

  /** Takes a record that was read; answers how earlier workers fared with it. */
  Attempts take(long offset) {
    if (open.containsKey(offset)) {
      throw new IllegalArgumentException("offset " + offset + " was taken already");
    }
    reading.passed(offset);
    Attempts attempts = earlier.getOrDefault(offset, Attempts.NONE);
    earlier.remove(offset);
    open.put(offset, new Note(attempts, AttemptMark.NONE));
    next = Math.max(next, offset + 1);
    return attempts;
  }

  /** Notes where an open record is; one that is not open is ignored. */
  void mark(long offset, AttemptMark mark) {
    open.computeIfPresent(offset, (key, note) -> new Note(note.attempts(), mark));
  }

  AttemptMark markOf(long offset) {
    Note note = open.get(offset);
    return note == null ? AttemptMark.NONE : note.mark();
  }

  /** Marks a record as done; one that is not open is ignored. */
  void complete(long offset) {
    open.remove(offset);
  }

  /** A request over which a worker died while it ran alone came to its end: it was no cause. */
  void sawOutsideDeath(Instant when) {
    outsideDeath = when;
  }

  /** Records taken and not done. */
  int openCount() {
    return open.size();
  }

  /** How far to commit, and what to note, once these are done too. */
  OffsetAndMetadata commitAfter(Set<Long> done) {
    Map<Long, Note> notes = notes();
    notes.keySet().removeAll(done);
    return commit(positionAfter(done), notes);
  }

  /**
   * The same for records that are handed over unfinished: to have been here was no attempt that
   * failed.
   */
  OffsetAndMetadata commitHandedOver() {
    Map<Long, Note> notes = notes();
    notes.replaceAll((offset, note) -> new Note(note.attempts(), AttemptMark.NONE));
    return commit(positionAfter(Set.of()), notes);
  }

  /** Whether anything was taken, so that there is something to commit. */
  boolean isTouched() {
    return next >= 0;
  }

  /** What was read and not taken holds the position as what is open does. */
  private long positionAfter(Set<Long> done) {
    long firstOpen =
        open.keySet().stream().filter(offset -> !done.contains(offset)).findFirst().orElse(next);
    return Math.min(firstOpen, reading.first().orElse(firstOpen));
  }

  private Map<Long, Note> notes() {
    Map<Long, Note> notes = new TreeMap<>(open);
    earlier.forEach((offset, attempts) -> notes.put(offset, new Note(attempts, AttemptMark.NONE)));
    return notes;
  }

  private OffsetAndMetadata commit(long position, Map<Long, Note> notes) {
    earlier.headMap(position, false).clear(); // gone from the log, or no requests
    notes.keySet().removeIf(offset -> offset < position);
    String text = new CommitMetadata(notes, outsideDeath).format(position);
    return new OffsetAndMetadata(position, text);
  }

  /** The partition went to somebody else: what is under way here is his to do again. */
  void abandon() {
    abandoned = true;
  }

  /** May be asked from any thread. */
  boolean isAbandoned() {
    return abandoned;
  }
}
