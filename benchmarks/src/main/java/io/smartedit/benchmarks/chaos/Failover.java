package io.smartedit.benchmarks.chaos;

import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What it takes until other workers go on with a worker's partitions: after a crash (SIGKILL), a
 * drain (SIGTERM) and a join, under a steady load on every partition.
 *
 * <p>Usage: {@code Failover [RUNS]}. Every first step of an edit is seen on the topic of progress.
 * Printed are, of the partitions that changed hands, how long after the change the last of them was
 * worked on by its new owner, and the longest time in which no edit was begun on one of them; and
 * how many edits were begun more than once. A join is counted from when the worker is ready.
 */
final class Failover implements AutoCloseable {

  private static final int WORKERS = 3;
  private static final int PARTITIONS = 8;
  private static final int STEPS = 20;
  private static final Duration STEP = Duration.ofMillis(20);
  private static final Duration GAP = Duration.ofMillis(500);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration BEFORE = Duration.ofSeconds(15);
  private static final Duration AFTER = Duration.ofSeconds(40);

  private final Rig rig;
  private final KafkaProducer<String, EditRequested> producer;
  private final KafkaConsumer<String, EditProgress> progress;
  private final Map<String, Integer> partitions = new HashMap<>();
  private final List<Beginning> beginnings = new ArrayList<>();
  private long next = System.nanoTime();
  private int sent;

  /** A worker has begun an edit. */
  private record Beginning(String id, int partition, Instant at, String worker) {}

  /** What happens to the last worker. */
  private enum Change {
    CRASH,
    DRAIN,
    JOIN
  }

  private Failover(Rig rig) {
    this.rig = rig;
    SchemaRegistry registry = new HttpSchemaRegistry(rig.registryUrl(), null);
    producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, rig.bootstrap()),
            new StringSerializer(),
            new EventSerializer<>(registry));
    EventDeserializer<EditProgress> events =
        new EventDeserializer<>(registry, EditProgress.getClassSchema());
    progress =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, rig.bootstrap()),
            new StringDeserializer(),
            events);
    List<TopicPartition> all =
        progress.partitionsFor(Topics.PROGRESS).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    progress.assign(all);
    progress.seekToBeginning(all);
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
            "%-6s %4s  %10s  %14s  %12s  %9s  %6s%n",
            "change", "run", "partitions", "new owner in s", "stillness s", "restarted", "edits");
        for (Change change : Change.values()) {
          for (int run = 1; run <= runs; run++) {
            failover.measure(change, run);
          }
        }
      }
    }
  }

  private void measure(Change change, int run) {
    ServiceProcess worker = rig.worker(WORKERS - 1);
    if (change == Change.JOIN) {
      worker.terminate(true);
      load(AFTER);
    }
    beginnings.clear();
    load(BEFORE);
    Map<Integer, String> before = owners(Instant.MIN);
    Instant at = Instant.now();
    switch (change) {
      case CRASH -> worker.kill();
      case DRAIN -> worker.terminate(true);
      case JOIN -> at = join(worker);
    }
    load(AFTER);
    print(change, run, before, at);
    if (change != Change.JOIN) {
      join(worker);
      load(BEFORE);
    }
  }

  private Instant join(ServiceProcess worker) {
    worker.start();
    while (!rig.isWorkerReady(WORKERS - 1)) {
      load(POLL);
    }
    return Instant.now();
  }

  /** Requests on every partition for a while, and what is begun meanwhile. */
  private void load(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      if (System.nanoTime() - next >= 0) {
        next += GAP.toNanos();
        for (int partition = 0; partition < PARTITIONS; partition++) {
          send(partition);
        }
      }
      progress.poll(POLL).forEach(record -> keep(record.value()));
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

  private void keep(EditProgress event) {
    if (event.getStep() == 1) {
      String id = event.getRequestId();
      int partition = partitions.getOrDefault(id, -1);
      beginnings.add(new Beginning(id, partition, event.getAt(), event.getWorker()));
    }
  }

  /** Who began each partition's last edit after a moment. */
  private Map<Integer, String> owners(Instant from) {
    Map<Integer, String> owners = new TreeMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      for (Beginning beginning : of(partition)) {
        if (beginning.at().isAfter(from)) {
          owners.put(partition, beginning.worker());
        }
      }
    }
    return owners;
  }

  private void print(Change change, int run, Map<Integer, String> before, Instant at) {
    Map<Integer, String> after = owners(at);
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
    System.out.printf(
        "%-6s %4d  %10d  %14.1f  %12.1f  %9d  %6d%n",
        change, run, moved, newOwner, still, restarted(), beginnings.size());
  }

  private long restarted() {
    Set<String> ids = new HashSet<>();
    return beginnings.stream().filter(beginning -> !ids.add(beginning.id())).count();
  }

  private Instant first(int partition, String owner, Instant at) {
    return of(partition).stream()
        .filter(beginning -> beginning.worker().equals(owner) && beginning.at().isAfter(at))
        .map(Beginning::at)
        .findFirst()
        .orElse(Instant.MAX);
  }

  /** Longest time without a beginning after the change. */
  private double stillness(int partition, Instant at) {
    double longest = 0;
    Instant last = at;
    for (Beginning beginning : of(partition)) {
      if (beginning.at().isAfter(at)) {
        longest = Math.max(longest, seconds(last, beginning.at()));
      }
      last = beginning.at();
    }
    return longest;
  }

  /** A partition's beginnings in their order. */
  private List<Beginning> of(int partition) {
    return beginnings.stream()
        .filter(beginning -> beginning.partition() == partition)
        .sorted(Comparator.comparing(Beginning::at))
        .toList();
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toMillis() / 1e3;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    progress.close();
  }
}
