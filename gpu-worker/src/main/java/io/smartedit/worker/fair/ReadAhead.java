package io.smartedit.worker.fair;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What was read ahead of several partitions, bounded, and from which the next is chosen by fair
 * shares. A lane that has much is kept in part; the rest stays in its partitions' logs, and the
 * lanes behind it are read over it: however deep one tenant's backlog is, another's request is seen
 * as soon as it has been read. Not thread-safe.
 */
public final class ReadAhead<T> {

  /** Of a record: whatever it holds takes room, and the larger ones take more. */
  private static final int BYTES_PER_ROOM = 4096;

  private static final int LANE_SHARE = 16;
  private static final int LEAST = 32;

  private final FairQueue<Kept<T>> queue;
  private final int mostRoom;
  private final int laneRoom;
  private long room;

  /** A record that waits for its turn. */
  private record Kept<T>(Reading reading, long offset, T what) {}

  /** A record that was read. */
  public record Read(Reading reading, long offset, Lane lane, double cost, int bytes) {}

  /**
   * @param most records to be kept; large ones count as several
   */
  public ReadAhead(Shares shares, int most) {
    queue = new FairQueue<>(shares);
    mostRoom = most;
    laneRoom = Math.max(LEAST, most / LANE_SHARE);
  }

  public int size() {
    return queue.size();
  }

  /** Whether a record has to be looked at: else it is known, or passed over. */
  public boolean isWanted(Read read) {
    boolean wanted = read.reading().isWanted(read.lane(), read.offset());
    if (!wanted && read.offset() >= read.reading().next()) {
      read.reading().passOver(read.lane(), read.offset());
    }
    return wanted;
  }

  /** A wanted record is dealt with at once. */
  public void isTaken(Read read) {
    read.reading().filled(read.lane(), read.offset());
  }

  /** Keeps a wanted record until its turn, or leaves it where it is until its lane has room. */
  public void add(Read read, T what) {
    int needed = 1 + read.bytes() / BYTES_PER_ROOM;
    Lane lane = read.lane();
    if (!makeRoom(lane, needed)) {
      read.reading().passOver(lane, read.offset());
      return;
    }
    read.reading().keep(lane, read.offset());
    room += needed;
    queue.add(
        new FairQueue.Item<>(
            lane, read.cost(), needed, new Kept<>(read.reading(), read.offset(), what)));
  }

  private boolean makeRoom(Lane lane, int needed) {
    long has = queue.room(lane);
    if (has > 0 && has + needed > laneRoom) {
      return false;
    }
    while (room + needed > mostRoom) {
      if (has + needed >= queue.longestRoom()) {
        return false;
      }
      FairQueue.Item<Kept<T>> item = queue.removeLastOfLongest();
      room -= item.room();
      item.what().reading().letGo(item.lane(), item.what().offset());
    }
    return true;
  }

  /** Whether a lane's records are to be read again before it has none left. */
  public boolean hasRoom(Lane lane) {
    return queue.room(lane) < laneRoom / 2;
  }

  /** Whose the next one is, where any is kept. */
  public Optional<Lane> nextLane() {
    return queue.nextLane();
  }

  /** Takes the next one, where any is kept. */
  public Optional<T> next() {
    return queue
        .next()
        .map(
            item -> {
              room -= item.room();
              item.what().reading().taken(item.what().offset());
              return item.what().what();
            });
  }

  /** Takes some out of their turn, in the order of their lanes. */
  public void takeIf(Predicate<T> which, Consumer<T> taken) {
    queue.removeIf(
        kept -> which.test(kept.what()),
        item -> {
          room -= item.room();
          item.what().reading().taken(item.what().offset());
          taken.accept(item.what().what());
        });
  }

  /** A partition is somebody else's. */
  public void forget(Reading reading) {
    queue.removeIf(kept -> kept.reading() == reading, item -> room -= item.room());
  }
}
