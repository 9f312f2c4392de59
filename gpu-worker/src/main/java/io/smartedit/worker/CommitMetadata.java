package io.smartedit.worker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker notes beside a committed offset: the requests behind it that are in a device or saw
 * a worker die, and when a death was last seen to have come from outside.
 *
 * <p>As text {@code 2;1764060000;0:1:0a,3:0:0s}: the version, seconds of that death (0 for none),
 * then for each request how far behind the offset it is, its {@link Attempts} and its {@link
 * AttemptMark}.
 *
 * @param outsideDeath {@link Instant#EPOCH} where none was seen
 */
record CommitMetadata(Map<Long, Note> notes, Instant outsideDeath) {

  static final CommitMetadata NONE = new CommitMetadata(Map.of(), Instant.EPOCH);

  /** Brokers take 4096 bytes where they are not told otherwise. */
  private static final int MAX_LENGTH = 4000;

  private static final String VERSION = "2;";
  private static final Pattern TEXT =
      Pattern.compile("2;(\\d{1,12});((?:\\d{1,10}:\\d{1,6}:\\d{1,6}[as]?,?)*)");
  private static final Pattern NOTE = Pattern.compile("(\\d+):(\\d+):(\\d+)([as]?)");

  /** One request's attempts before this one, and where the present one is. */
  record Note(Attempts attempts, AttemptMark mark) {
    private boolean saysNothing() {
      return !attempts.isSuspect() && mark == AttemptMark.NONE;
    }
  }

  CommitMetadata {
    notes = new TreeMap<>(notes);
  }

  /**
   * As text beside {@code offset}; what does not fit is left out, those with fewest deaths first.
   */
  String format(long offset) {
    List<Map.Entry<Long, Note>> kept = new ArrayList<>(notes.entrySet());
    kept.removeIf(entry -> entry.getValue().saysNothing());
    kept.sort(
        Comparator.comparing((Map.Entry<Long, Note> entry) -> -weight(entry.getValue()))
            .thenComparing(Map.Entry::getKey));
    if (kept.isEmpty() && outsideDeath.equals(Instant.EPOCH)) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(VERSION).append(outsideDeath.getEpochSecond()).append(';');
    String comma = "";
    for (Map.Entry<Long, Note> entry : kept) {
      Note note = entry.getValue();
      String item =
          "%s%d:%d:%d%s"
              .formatted(
                  comma,
                  entry.getKey() - offset,
                  note.attempts().begun(),
                  note.attempts().alone(),
                  note.mark().letter());
      if (text.length() + item.length() > MAX_LENGTH) {
        break;
      }
      text.append(item);
      comma = ",";
    }
    return text.toString();
  }

  /**
   * Reads what {@link #format} wrote beside {@code offset}; text of another origin says nothing.
   */
  static CommitMetadata parse(String text, long offset) {
    Matcher whole = TEXT.matcher(text);
    if (!whole.matches()) {
      return NONE;
    }
    Map<Long, Note> notes = new TreeMap<>();
    Matcher each = NOTE.matcher(whole.group(2));
    while (each.find()) {
      Attempts attempts =
          new Attempts(Integer.parseInt(each.group(2)), Integer.parseInt(each.group(3)));
      AttemptMark mark =
          switch (each.group(4)) {
            case "a" -> AttemptMark.ALONE;
            case "s" -> AttemptMark.SHARED;
            default -> AttemptMark.NONE;
          };
      notes.put(offset + Long.parseLong(each.group(1)), new Note(attempts, mark));
    }
    return new CommitMetadata(notes, Instant.ofEpochSecond(Long.parseLong(whole.group(1))));
  }

  private static int weight(Note note) {
    return 1000 * note.attempts().alone()
        + note.attempts().begun()
        + (note.mark() == AttemptMark.NONE ? 0 : 1_000_000);
  }
}
