package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Work that is to be done later; the consumer's thread runs what is due. Thread-safe. */
final class Delays {

  private final Ticker ticker;
  private final PriorityQueue<Later> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Later::due));

  private record Later(long due, Runnable work) {}

  Delays(Ticker ticker) {
    this.ticker = ticker;
  }

  synchronized void after(Duration pause, Runnable work) {
    waiting.add(new Later(ticker.read() + pause.toNanos(), work));
  }

  /** Runs what is due. */
  void runDue() {
    take(ticker.read()).forEach(later -> later.work().run());
  }

  /** Runs everything now: nothing is waited for any longer. */
  void runAll() {
    take(Long.MAX_VALUE).forEach(later -> later.work().run());
  }

  private synchronized List<Later> take(long now) {
    List<Later> due = new ArrayList<>();
    while (!waiting.isEmpty() && (now == Long.MAX_VALUE || waiting.element().due() - now <= 0)) {
      due.add(waiting.remove());
    }
    return due;
  }
}
