package io.smartedit.worker;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import io.smartedit.events.Priority;
import io.smartedit.worker.fair.Shares;
import io.smartedit.worker.fair.Turns;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whose turn the next denoising call is. Edits of one kind share a call, whatever their steps and
 * samplers are. Classes take turns by their shares of device time, so that a class that comes to a
 * busy device is next; of a class the kinds take turns by pixels, so that none waits for another's
 * many steps; of a kind the oldest edits go first. What room a call has left is anybody's who is of
 * its kind, for nothing. Not thread-safe.
 */
final class CallTurns {

  private final Standing<Priority> classes;
  private final Map<Priority, Standing<String>> kinds = new EnumMap<>(Priority.class);

  CallTurns(Shares shares) {
    classes = new Standing<>(new Turns<>(shares::of), new HashSet<>());
  }

  /** One of a job's edits, with steps left. */
  record Part(BatchMember member, ImageEditor.Edit edit) {
    Priority priority() {
      return member.priority();
    }

    String kind() {
      return member.kind();
    }
  }

  /**
   * Who shares the next call.
   *
   * @param open not empty; jobs in the order in which they came
   */
  List<Part> next(List<Part> open, BatchLimit limit) {
    classes.are(open.stream().map(Part::priority).collect(Collectors.toSet()));
    Priority first = classes.turns().next();
    Standing<String> ofClass = kinds.computeIfAbsent(first, key -> Standing.equal());
    ofClass.are(
        open.stream()
            .filter(part -> part.priority() == first)
            .map(Part::kind)
            .collect(Collectors.toSet()));
    String kind = ofClass.turns().next();

    List<BatchMember> order = open.stream().map(Part::member).distinct().toList();
    List<Part> together =
        open.stream()
            .filter(part -> part.kind().equals(kind))
            .sorted(
                comparing((Part part) -> part.priority() != first)
                    .thenComparingInt(part -> order.indexOf(part.member()))
                    .thenComparing(comparingInt(part -> part.edit().step())))
            .limit(limit.next(kind))
            .toList();
    double cost =
        together.stream()
            .filter(part -> part.priority() == first)
            .mapToDouble(part -> part.member().pixels())
            .sum();
    classes.turns().charge(first, cost);
    ofClass.turns().charge(kind, cost);
    return together;
  }

  /** Turns, and who takes them at present. */
  private record Standing<K>(Turns<K> turns, Set<K> present) {

    static Standing<String> equal() {
      return new Standing<>(new Turns<>(kind -> 1), new HashSet<>());
    }

    void are(Set<K> now) {
      present.stream().filter(key -> !now.contains(key)).forEach(turns::leave);
      now.stream().filter(key -> !present.contains(key)).forEach(turns::join);
      present.clear();
      present.addAll(now);
    }
  }
}
