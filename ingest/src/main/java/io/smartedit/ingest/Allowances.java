package io.smartedit.ingest;

import io.smartedit.events.AllowanceAsked;
import io.smartedit.events.RequestRules;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What becomes of each ask on {@code ingest.allowances}: a tenant's limit is a bucket of as many
 * edits, which fills again within a minute of the broker's time, and asks are granted from it in
 * the order of the topic.
 *
 * <p>Whoever reads the topic comes to the same answers, so nobody has to be asked for them. An ask
 * says how empty the bucket was for the one who asked; so those who have begun to read in the
 * middle know it, too, from the first ask on of one who has read for longer. Thread-safe.
 */
final class Allowances {

  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final int MANY = 10_000;

  private final Map<String, Level> tenants = new HashMap<>();

  /**
   * How empty a bucket was.
   *
   * @param spent edits that were granted and are not filled again, times {@link #MINUTE}, so that
   *     as many fill again in a millisecond as the limit says
   * @param at the broker's time, in milliseconds
   */
  record Level(long spent, long at) {
    static final Level FULL = new Level(0, 0);

    private Level at(long millis, int limit) {
      long passed = Math.min(MINUTE, Math.max(0, millis - at));
      return new Level(Math.max(0, spent - passed * limit), Math.max(at, millis));
    }
  }

  /**
   * An answer.
   *
   * @param edits that are granted; 0 where none is left
   * @param next how long after the ask's record there is one again
   */
  record Answer(int edits, Duration next) {}

  /** What is known of a tenant's bucket. */
  synchronized Level level(String tenant) {
    return tenants.getOrDefault(tenant, Level.FULL);
  }

  /** Answers the next ask of the topic; one that no front door makes is granted nothing. */
  synchronized Answer next(AllowanceAsked ask, Instant time) {
    int limit = ask.getLimit();
    if (limit < 1 || ask.getSpent() < 0 || !RequestRules.isName(ask.getTenant())) {
      return new Answer(0, Duration.ofMillis(MINUTE));
    }
    long millis = time.toEpochMilli();
    Level own = level(ask.getTenant()).at(millis, limit);
    Level said =
        new Level(Math.min(ask.getSpent(), limit * MINUTE), Math.min(ask.getSpentAt(), millis))
            .at(millis, limit);
    long spent = Math.max(own.spent(), said.spent());
    int edits = (int) Math.max(0, Math.min(ask.getEdits(), (limit * MINUTE - spent) / MINUTE));
    spent += edits * MINUTE;
    forgetFull(millis);
    tenants.put(ask.getTenant(), new Level(spent, own.at()));
    long missing = Math.max(0, spent - (limit - 1) * MINUTE);
    return new Answer(edits, Duration.ofMillis((missing + limit - 1) / limit));
  }

  private void forgetFull(long millis) {
    if (tenants.size() >= MANY) {
      tenants.values().removeIf(level -> level.at() + MINUTE <= millis);
    }
  }
}
