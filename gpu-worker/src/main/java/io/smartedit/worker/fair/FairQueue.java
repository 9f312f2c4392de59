package io.smartedit.worker.fair;

import io.smartedit.events.Priority;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What waits, and who is next: between classes, and within a class between tenants, by weighted
 * fair shares of device time; within a lane in the order of arrival. Not thread-safe.
 */
public final class FairQueue<T> {

  private final Shares shares;
  private final Turns<Priority> classes;
  private final Map<Priority, Turns<String>> tenants = new EnumMap<>(Priority.class);
  private final Map<Lane, Waiting<T>> lanes = new HashMap<>();
  private int size;

  /** A lane's items and what they weigh together. */
  private static final class Waiting<T> {
    private final Deque<Item<T>> items = new ArrayDeque<>();
    private long room;
  }

  /**
   * Something that waits.
   *
   * @param cost device time that it will take, in any unit
   * @param room that it takes while it waits, in any unit
   */
  public record Item<T>(Lane lane, double cost, int room, T what) {}

  public FairQueue(Shares shares) {
    this.shares = shares;
    classes = new Turns<>(shares::of);
  }

  public int size() {
    return size;
  }

  /** What a lane's items weigh together. */
  public long room(Lane lane) {
    Waiting<T> waiting = lanes.get(lane);
    return waiting == null ? 0 : waiting.room;
  }

  /** Adds one behind those of its lane. */
  public void add(Item<T> item) {
    Lane lane = item.lane();
    Waiting<T> waiting = lanes.computeIfAbsent(lane, key -> new Waiting<>());
    waiting.items.addLast(item);
    waiting.room += item.room();
    size++;
    tenantsOf(lane).join(lane.tenant());
    classes.join(lane.priority());
  }

  /** Whose the next one is, where any waits. */
  Optional<Lane> nextLane() {
    if (size == 0) {
      return Optional.empty();
    }
    Priority priority = classes.next();
    Turns<String> turns = tenants.get(priority);
    if (turns == null) {
      throw new IllegalStateException(priority + " has nothing");
    }
    return Optional.of(new Lane(priority, turns.next()));
  }

  /** The next one, where any waits; it stays. */
  public Optional<Item<T>> peek() {
    return nextLane().map(lane -> waiting(lane).items.getFirst());
  }

  /** Takes the next one, where any waits. */
  public Optional<Item<T>> next() {
    return nextLane().map(this::next);
  }

  private Item<T> next(Lane lane) {
    Waiting<T> waiting = waiting(lane);
    Item<T> item = waiting.items.removeFirst();
    classes.charge(lane.priority(), item.cost());
    tenantsOf(lane).charge(lane.tenant(), item.cost());
    gone(lane, waiting, item);
    return item;
  }

  /** What the items of the lane weigh that has most; 0 where nothing waits. */
  long longestRoom() {
    return longest().map(this::room).orElse(0L);
  }

  /** Takes the last one of the lane that has most; something waits. */
  Item<T> removeLastOfLongest() {
    Lane lane = longest().orElseThrow();
    Waiting<T> waiting = waiting(lane);
    Item<T> item = waiting.items.removeLast();
    gone(lane, waiting, item);
    return item;
  }

  private Optional<Lane> longest() {
    return lanes.entrySet().stream()
        .max(Comparator.comparingLong(each -> each.getValue().room))
        .map(Map.Entry::getKey);
  }

  /** Removes some, in the order of their lanes, and tells of each. */
  public void removeIf(Predicate<T> which, Consumer<Item<T>> removed) {
    for (Map.Entry<Lane, Waiting<T>> each : Map.copyOf(lanes).entrySet()) {
      for (Iterator<Item<T>> items = each.getValue().items.iterator(); items.hasNext(); ) {
        Item<T> item = items.next();
        if (which.test(item.what())) {
          items.remove();
          gone(each.getKey(), each.getValue(), item);
          removed.accept(item);
        }
      }
    }
  }

  private void gone(Lane lane, Waiting<T> waiting, Item<T> item) {
    size--;
    waiting.room -= item.room();
    if (waiting.items.isEmpty()) {
      lanes.remove(lane);
      Turns<String> turns = tenantsOf(lane);
      turns.leave(lane.tenant());
      if (turns.isEmpty()) {
        classes.leave(lane.priority());
      }
    }
  }

  private Turns<String> tenantsOf(Lane lane) {
    return tenants.computeIfAbsent(lane.priority(), key -> new Turns<>(shares::of));
  }

  private Waiting<T> waiting(Lane lane) {
    Waiting<T> waiting = lanes.get(lane);
    if (waiting == null) {
      throw new IllegalStateException(lane + " has nothing");
    }
    return waiting;
  }
}
