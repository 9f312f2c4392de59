package io.smartedit.ingest;

import io.smartedit.events.AllowanceAsked;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.Problem;
import io.smartedit.service.TopicFollower;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits of edits a minute, as all front doors hold them together: each asks for some on {@code
 * ingest.allowances}, reads what all have asked, and spends what {@link Allowances} grants it.
 * Thread-safe.
 *
 * <p>A door that asks gets what is left, however many doors there are. Of a large limit it asks for
 * a small part at once, so that not every edit waits for the topic; what of that is not spent
 * within a second is lost.
 */
final class EditLimits implements TopicFollower.Reader {

  /** Of a limit, what is asked for at once. */
  private static final int PARTS = 600;

  /** How long what was granted may be kept. */
  private static final long HOLD_NANOS = Duration.ofSeconds(1).toNanos();

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long AGAIN_SECONDS = 5;

  private final EventDeserializer<AllowanceAsked> deserializer;
  private final Consumer<AllowanceAsked> log;
  private final LongSupplier ticker;
  private final String self = UUID.randomUUID().toString();
  private final AtomicLong asks = new AtomicLong();
  private final Allowances allowances = new Allowances();
  private final Map<String, Purse> purses = new ConcurrentHashMap<>();

  /**
   * @param log puts an ask on the topic, or throws a {@link Problem}; what lies there comes to
   *     {@link #read}
   * @param ticker nanoseconds, of any beginning
   */
  EditLimits(SchemaRegistry registry, Consumer<AllowanceAsked> log, LongSupplier ticker) {
    this.deserializer = new EventDeserializer<>(registry, AllowanceAsked.getClassSchema());
    this.log = log;
    this.ticker = ticker;
  }

  /**
   * Counts an edit that is about to be requested.
   *
   * @throws Problem 429 where it is one too many; 503 where that cannot be known now
   */
  void take(Caller caller) {
    if (caller.limit() > 0 && caller.tenant() != null) {
      purses.computeIfAbsent(caller.tenant(), Purse::new).take(caller.limit());
    }
  }

  @Override
  public void read(@Nullable String key, byte @Nullable [] value, Instant time) {
    AllowanceAsked ask = deserializer.deserialize(Topics.ALLOWANCES, value);
    if (ask == null) {
      return;
    }
    Allowances.Answer answer = allowances.next(ask, time);
    Purse purse = purses.get(ask.getTenant());
    if (purse != null) {
      purse.heard(ask.getAsk(), answer);
    }
  }

  /** An ask that is under way. */
  private record Ask(String id, long sentAt, CompletableFuture<Void> answered) {}

  /** What this door has of a tenant's edits. */
  private final class Purse {
    private final String tenant;
    private int left;
    private long leftUntil;
    private boolean none;
    private long noneUntil;
    private int waiting;
    private @Nullable Ask pending;

    private Purse(String tenant) {
      this.tenant = tenant;
    }

    private void take(int limit) {
      long begun = ticker.getAsLong();
      while (!spend(limit)) {
        await(join(limit), begun);
      }
    }

    private synchronized boolean spend(int limit) {
      long now = ticker.getAsLong();
      if (left > 0 && leftUntil - now > 0) {
        left--;
        return true;
      }
      if (none && noneUntil - now > 0) {
        long wait = 1 + TimeUnit.NANOSECONDS.toSeconds(noneUntil - now);
        throw Problem.later(
            wait, "More than " + limit + " edits in a minute; the next in " + wait + " s.");
      }
      return false;
    }

    /** The ask that is under way, which those who come meanwhile wait for, too. */
    private Ask join(int limit) {
      Ask ask;
      int edits;
      synchronized (this) {
        waiting++;
        if (pending != null) {
          return pending;
        }
        ask =
            new Ask(
                self + "/" + asks.incrementAndGet(), ticker.getAsLong(), new CompletableFuture<>());
        pending = ask;
        edits = Math.min(limit, Math.max(waiting, limit / PARTS));
      }
      try {
        Allowances.Level level = allowances.level(tenant);
        log.accept(new AllowanceAsked(ask.id(), tenant, edits, limit, level.spent(), level.at()));
      } catch (Problem e) {
        forget(ask);
        ask.answered().completeExceptionally(e);
      }
      return ask;
    }

    private void await(Ask ask, long begun) {
      long left = PATIENCE.toNanos() - (ticker.getAsLong() - begun);
      try {
        ask.answered().get(Math.max(0, left), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw Problem.unavailable(AGAIN_SECONDS, String.valueOf(cause.getMessage()), cause);
      } catch (TimeoutException e) {
        forget(ask);
        throw Problem.unavailable(
            AGAIN_SECONDS, "Whether the limit allows it could not be known in time.", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Problem.unavailable(AGAIN_SECONDS, "Interrupted; send it again.", e);
      } finally {
        synchronized (this) {
          waiting--;
        }
      }
    }

    private synchronized void forget(Ask ask) {
      pending = ask.equals(pending) ? null : pending;
    }

    /** Takes the answer to one's own ask. */
    private void heard(String id, Allowances.Answer answer) {
      Ask ask;
      synchronized (this) {
        ask = pending;
        if (ask == null || !ask.id().equals(id)) {
          return;
        }
        pending = null;
        left = answer.edits();
        leftUntil = ask.sentAt() + HOLD_NANOS;
        none = left == 0;
        noneUntil = ticker.getAsLong() + answer.next().toNanos();
      }
      ask.answered().complete(null);
    }
  }
}
