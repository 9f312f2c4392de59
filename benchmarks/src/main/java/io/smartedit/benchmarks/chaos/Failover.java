package io.smartedit.benchmarks.chaos;

import io.smartedit.events.Cost;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What it takes until other workers go on with a worker's partitions: after a crash (SIGKILL), a
 * drain (SIGTERM) and a join, under a steady load on every partition.
 *
 * <p>Usage: {@code Failover [RUNS]}. Printed are, of the partitions that changed hands, how long
 * after the change the last of them was worked on by its new owner, and the longest time in which
 * no work began on one of them; and how many edits were begun more than once.
 */
final class Failover implements AutoCloseable {

  private static final int WORKERS = 3;
  private static final int PARTITIONS = 8;
  private static final int STEPS = 20;
  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration GAP = Duration.ofMillis(500);
  private static final Duration BEFORE = Duration.ofSeconds(15);
  private static final Duration AFTER = Duration.ofSeconds(60);
  private static final Duration REST = Duration.ofSeconds(30);

  private final Rig rig;
  private final KafkaProducer<String, EditRequested> producer;
  private final Terminal terminal;
  private final Map<String, Integer> partitions = new HashMap<>();
  private final List<Work> works = new ArrayList<>();
  private int sent;

  /** An edit that a worker has done. */
  private record Work(int partition, Instant begun, String worker, boolean restarted) {}

  /** What happens to the last worker. */
  private enum Change {
    CRASH,
    DRAIN,
    JOIN
  }

  private Failover(Rig rig) {
    this.rig = rig;
    producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, rig.bootstrap()),
            new StringSerializer(),
            new EventSerializer<>(new HttpSchemaRegistry(rig.registryUrl(), null)));
    terminal = new Terminal(rig);
  }

  public static void main(String[] arguments) throws Exception {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
    Path folder = Files.createTempDirectory("failover");
    Rig.Layout layout =
        new Rig.Layout(
            WORKERS,
            1,
            "256m",
            STEP,
            null,
            List.of("worker.batch=16", "worker.in-flight=32"),
            false);
    try (Rig rig = new Rig(folder, layout)) {
      rig.start();
      Sources.fill(rig);
      try (Failover failover = new Failover(rig)) {
        System.out.printf(
            "%-6s %4s  %10s  %14s  %12s  %9s%n",
            "change", "run", "partitions", "new owner in s", "stillness s", "restarted");
        for (Change change : Change.values()) {
          for (int run = 1; run <= runs; run++) {
            failover.measure(change, run);
          }
        }
      }
    }
  }

  private void measure(Change change, int run) throws InterruptedException {
    ServiceProcess worker = rig.worker(WORKERS - 1);
    if (change == Change.JOIN) {
      worker.terminate(true);
      load(REST);
    }
    works.clear();
    load(BEFORE);
    Map<Integer, String> before = owners(Instant.MIN, Instant.MAX);
    Instant at = Instant.now();
    switch (change) {
      case CRASH -> worker.kill();
      case DRAIN -> worker.terminate(true);
      case JOIN -> worker.start();
    }
    load(AFTER);
    print(change, run, before, at);
    if (change != Change.JOIN) {
      worker.start();
      load(REST);
    }
  }

  /** Requests on every partition for a while, and what comes back meanwhile. */
  private void load(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    long next = System.nanoTime();
    while (System.nanoTime() < end) {
      if (System.nanoTime() >= next) {
        next += GAP.toNanos();
        for (int partition = 0; partition < PARTITIONS; partition++) {
          send(partition);
        }
      }
      terminal.poll(this::keep);
    }
  }

  private void send(int partition) {
    String id = "f" + sent++;
    EditRequested request =
        EditRequested.newBuilder()
            .setRequestId(id)
            .setSource("s3://" + LocalStream.INBOX + "/" + Sources.name(partition))
            .setInstruction("change nothing")
            .setOptions(EditSettings.newBuilder().setSteps(STEPS).build())
            .setRequestedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
            .build();
    partitions.put(id, partition);
    var unused = producer.send(new ProducerRecord<>(Topics.REQUESTED, partition, id, request));
  }

  private void keep(ConsumerRecord<String, byte[]> record) {
    if (terminal.event(record) instanceof EditCompleted completed) {
      Cost cost = completed.getCost();
      double seconds =
          cost.getFetched()
              + cost.getRead()
              + cost.getDenoised()
              + cost.getDeveloped()
              + cost.getStored();
      works.add(
          new Work(
              partitions.getOrDefault(completed.getRequestId(), -1),
              completed.getFinishedAt().minusMillis(Math.round(seconds * 1000)),
              completed.getWorker(),
              cost.getAttempts() > 1));
    } else {
      throw new IllegalStateException("an edit failed; the logs lie in " + rig.logs());
    }
  }

  /** Who worked on a partition last in a time. */
  private Map<Integer, String> owners(Instant from, Instant to) {
    Map<Integer, Work> last = new TreeMap<>();
    for (Work work : works) {
      if (work.begun().isAfter(from) && work.begun().isBefore(to)) {
        last.merge(work.partition(), work, (a, b) -> a.begun().isAfter(b.begun()) ? a : b);
      }
    }
    Map<Integer, String> owners = new TreeMap<>();
    last.forEach((partition, work) -> owners.put(partition, work.worker()));
    return owners;
  }

  private void print(Change change, int run, Map<Integer, String> before, Instant at) {
    Map<Integer, String> after = owners(at, Instant.MAX);
    double newOwner = 0;
    double still = 0;
    int moved = 0;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      String owner = after.get(partition);
      if (owner == null) {
        newOwner = Double.POSITIVE_INFINITY;
        still = Double.POSITIVE_INFINITY;
      } else if (!owner.equals(before.get(partition))) {
        moved++;
        newOwner = Math.max(newOwner, seconds(at, first(partition, owner, at)));
        still = Math.max(still, stillness(partition, at));
      }
    }
    long restarted = works.stream().filter(Work::restarted).count();
    System.out.printf(
        "%-6s %4d  %10d  %14.1f  %12.1f  %9d%n", change, run, moved, newOwner, still, restarted);
  }

  private Instant first(int partition, String owner, Instant at) {
    return begun(partition).stream()
        .filter(work -> work.worker().equals(owner) && work.begun().isAfter(at))
        .map(Work::begun)
        .findFirst()
        .orElse(Instant.MAX);
  }

  /** Longest time without a beginning, from the last one before the change on. */
  private double stillness(int partition, Instant at) {
    double longest = 0;
    Instant last = at;
    for (Work work : begun(partition)) {
      if (work.begun().isAfter(at)) {
        longest = Math.max(longest, seconds(last, work.begun()));
      }
      last = work.begun();
    }
    return longest;
  }

  private List<Work> begun(int partition) {
    return works.stream()
        .filter(work -> work.partition() == partition)
        .sorted((a, b) -> a.begun().compareTo(b.begun()))
        .toList();
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toMillis() / 1e3;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    terminal.close();
  }
}
