package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the intake: takes requests while there is room, and in between turns
 * everything that is waited for. It never waits for an edit.
 */
final class ConsumerLoop {

  private static final Logger LOG = LoggerFactory.getLogger(ConsumerLoop.class);
  private static final int NONE = -1000;
  private static final long SWEEP_NANOS = Duration.ofMillis(50).toNanos();

  private final Intake intake;
  private final Rooms rooms;
  private final Lifecycle lifecycle;
  private final int maxInFlight;
  private final Ticker ticker;
  private long swept;

  /** What the loop turns. */
  record Rooms(
      RequestTaker taker,
      Consumer<Job> pipeline,
      OpenJobs jobs,
      LeaveRules leaving,
      DependentRequests dependents,
      Admission admission,
      Delays delays,
      Outbox outbox,
      Holds holds) {}

  /** The loop owns the intake. */
  ConsumerLoop(Intake intake, Rooms rooms, Lifecycle lifecycle, int maxInFlight, Ticker ticker) {
    this.intake = intake;
    this.rooms = rooms;
    this.lifecycle = lifecycle;
    this.maxInFlight = maxInFlight;
    this.ticker = ticker;
    swept = ticker.read();
  }

  /**
   * Runs until told to stop, then finishes what is in the device, for at most {@code drain}, and
   * leaves the group, so that others go on at once.
   */
  void run(Duration drain) {
    try {
      while (!intake.isReady() && !lifecycle.isStopping()) {
        LOG.info("the worker waits for the broker");
      }
      open();
      while (!lifecycle.isStopping()) {
        turn(true);
      }
      drain(drain);
    } finally {
      rooms.jobs().leaveAll(receipt -> true);
      intake.close();
    }
  }

  /** Begins to take requests; {@link #run} does. */
  void open() {
    intake.open(
        new Intake.Inside(
            rooms.taker(), rooms.jobs(), rooms.leaving(), rooms.outbox(), this::tend));
  }

  private void drain(Duration limit) {
    rooms.jobs().leaveUnbegun(receipt -> true);
    rooms.delays().runAll();
    long end = ticker.read() + limit.toNanos();
    while (rooms.jobs().anyBegun(receipt -> true) && ticker.read() - end < 0) {
      turn(false);
      rooms.delays().runAll(); // nothing is asked again: another worker does
    }
    rooms.outbox().flush();
    if (!lifecycle.isDead()) { // else what was in the device was an attempt that failed
      intake.handBack();
    }
  }

  /** One round of everything; {@link #run} makes many. */
  void turn(boolean taking) {
    intake.take(taking ? room() : NONE);
    tend();
  }

  /** Everything but taking; also done while a partition's last edits are waited for. */
  private void tend() {
    rooms.delays().runDue();
    if (ticker.read() - swept >= SWEEP_NANOS) { // there may be thousands that wait
      swept = ticker.read();
      rooms.dependents().due().forEach(rooms.pipeline());
      rooms.jobs().sweep();
    }
    if (!lifecycle.isDead()) {
      rooms.admission().turn();
    }
    rooms.outbox().turn();
  }

  private int room() {
    return rooms.dependents().isFull() || rooms.holds().reason().isPresent()
        ? NONE
        : maxInFlight + rooms.jobs().waiting() - intake.openCount();
  }
}
