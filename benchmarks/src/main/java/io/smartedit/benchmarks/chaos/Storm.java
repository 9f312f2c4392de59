package io.smartedit.benchmarks.chaos;

import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** One run: orders go in while faults come and go, and at the end all is checked. */
final class Storm {

  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration TELL = Duration.ofSeconds(2);
  private static final Duration GRACE = Duration.ofMinutes(8);
  private static final Duration QUIET = Duration.ofSeconds(5);

  private final Rig rig;
  private final Plan plan;
  private final List<Fault> faults;
  private final boolean unchanged;
  private final PrintStream out;
  private final Set<String> ended = new HashSet<>();
  private final Map<Fault.Kind, Integer> done = new EnumMap<>(Fault.Kind.class);
  private final List<Running> running = new ArrayList<>();
  private final ExecutorService sendingThread =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "sender"));
  private final long begin = System.nanoTime();
  private List<Order> orders = List.of();
  private int begun;
  private Duration told = Duration.ZERO;
  private Duration lastEvent = Duration.ZERO;
  private Duration longest = Duration.ZERO;
  private String meanwhile = "";
  private final Set<String> during = new HashSet<>();

  /** What is to happen: orders spread over a time, and faults. */
  record Plan(long seed, int orders, Duration time, boolean poison, List<Fault> faults) {}

  /** A fault that is not made good yet. */
  private record Running(Fault fault, Duration until) {}

  Storm(Rig rig, Plan plan, boolean unchanged, PrintStream out) {
    this.rig = rig;
    this.plan = plan;
    this.faults = plan.faults();
    this.unchanged = unchanged;
    this.out = out;
  }

  /** Runs to the end; whether nothing was violated. */
  boolean run() throws IOException, InterruptedException {
    try (S3ObjectStore store = rig.objects();
        Sender sender = new Sender(rig);
        Terminal terminal = new Terminal(rig)) {
      // Only now: the sender's serializer makes Avro trust our events.
      orders = Order.plan(plan.seed(), plan.orders(), plan.time(), plan.poison());
      Sources.fill(rig);
      long start = System.nanoTime();
      Future<?> sending = sendingThread.submit(() -> sendAll(sender));
      while (!sending.isDone() || begun < faults.size() || !running.isEmpty()) {
        tick(Duration.ofNanos(System.nanoTime() - start), sender, terminal);
      }
      sending.get();
      out.println("all is sent and made good; waiting for the rest");
      settle(start, sender, terminal);
      Checker checker = new Checker(rig, store, unchanged);
      checker.check(orders, sender.rubbish());
      report(checker);
      return checker.isClean();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot send: " + e.getMessage(), e.getCause());
    } finally {
      sendingThread.shutdownNow();
    }
  }

  private @Nullable Void sendAll(Sender sender) throws InterruptedException {
    sender.sendAll(orders);
    return null;
  }

  private void tick(Duration now, Sender sender, Terminal terminal)
      throws IOException, InterruptedException {
    if (ended.size() >= sender.count()) {
      lastEvent = now; // nothing is open
    }
    while (begun < faults.size() && faults.get(begun).at().compareTo(now) <= 0) {
      Fault fault = faults.get(begun++);
      if (running.stream().noneMatch(one -> one.fault().meets(fault))) {
        rig.begin(fault);
        running.add(new Running(fault, now.plus(fault.lasts())));
        done.merge(fault.kind(), 1, Integer::sum);
        during.add(fault.toString());
        out.printf("%7.1f s  %s%n", now.toMillis() / 1e3, fault);
      }
    }
    for (Running one : List.copyOf(running)) {
      if (one.until().compareTo(now) <= 0) {
        rig.end(one.fault());
        running.remove(one);
      }
    }
    rig.supervise();
    terminal.poll(record -> ended(record, now));
    if (now.minus(told).compareTo(TELL) >= 0) {
      told = now;
      out.printf(
          "%7.1f s  sent %d/%d  ended %d  faults %d/%d  %s%n",
          now.toMillis() / 1e3,
          sender.count(),
          orders.size(),
          ended.size(),
          begun,
          faults.size(),
          running.stream().map(one -> one.fault().kind().name()).collect(Collectors.joining(" ")));
    }
    Thread.sleep(TICK.toMillis());
  }

  private void ended(ConsumerRecord<String, byte[]> record, Duration now) {
    if (ended.add(record.key())) {
      Duration still = now.minus(lastEvent);
      if (still.compareTo(longest) > 0) {
        longest = still;
        meanwhile = String.join(", ", during);
      }
      lastEvent = now;
      during.clear();
      running.forEach(one -> during.add(one.fault().toString()));
    }
  }

  /** Until every order has ended, or for a limited time, and a little longer for doubles. */
  private void settle(long start, Sender sender, Terminal terminal)
      throws IOException, InterruptedException {
    long from = System.nanoTime();
    while (ended.size() < orders.size() && System.nanoTime() - from < GRACE.toNanos()) {
      tick(Duration.ofNanos(System.nanoTime() - start), sender, terminal);
    }
    long all = System.nanoTime();
    while (System.nanoTime() - all < QUIET.toNanos()) {
      tick(Duration.ofNanos(System.nanoTime() - start), sender, terminal);
    }
  }

  private void report(Checker checker) {
    out.printf("%n%d orders in %.0f s: ", orders.size(), (System.nanoTime() - begin) / 1e9);
    out.println(
        orders.stream()
            .collect(
                Collectors.groupingBy(
                    Order::kind, () -> new EnumMap<>(Order.Kind.class), Collectors.counting()))
            .entrySet()
            .stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", ")));
    out.println(
        done.values().stream().mapToInt(Integer::intValue).sum()
            + " faults: "
            + done.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", ")));
    out.printf(
        "longest time without an event while requests were open: %.1f s (%s)%n",
        longest.toMillis() / 1e3, meanwhile);
    out.println(
        "ended by themselves: "
            + rig.all()
                .filter(process -> process.ownEnds() > 0)
                .map(process -> process.name() + " " + process.ownEnds())
                .collect(Collectors.joining(", ")));
    checker.report().forEach(out::println);
  }
}
