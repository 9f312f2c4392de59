package io.smartedit.benchmarks.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * N edits in some minutes while processes are killed and frozen, disks fill up, and store and
 * registry answer badly or not at all; at the end every edit must have exactly one event, and the
 * store must hold exactly what the events say.
 */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Kills, freezes and starves the stream's processes under load, and checks what is left.")
final class Chaos implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "N", description = "Edits.")
  private int count;

  @Parameters(index = "1", paramLabel = "MINUTES", description = "Over which they are spread.")
  private double minutes;

  @Parameters(index = "2", paramLabel = "SEED", description = "The same seed is the same plan.")
  private long seed;

  @Option(names = "--workers", description = "Default: ${DEFAULT-VALUE}.")
  private int workers = 3;

  @Option(names = "--sinks", description = "Default: ${DEFAULT-VALUE}.")
  private int sinks = 2;

  @Option(
      names = "--faults",
      split = ",",
      description = "Only these: ${COMPLETION-CANDIDATES}. Default: all.")
  private @Nullable Set<Fault.Kind> kinds;

  @Option(
      names = "--calm",
      paramLabel = "S",
      description = "Seconds between two faults, at least. Default: ${DEFAULT-VALUE}.")
  private int calm = 4;

  @Option(
      names = "--step",
      paramLabel = "MS",
      description =
          "What a step takes of the editor that changes nothing. Default: ${DEFAULT-VALUE}.")
  private int step = 50;

  @Option(names = "--share", description = "Workers read through a share group.")
  private boolean share;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A real model in the place of the editor that changes nothing.")
  private @Nullable Path model;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "For data and logs, kept where something was violated. Default: a new one.")
  private @Nullable Path folder;

  private Chaos() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Chaos())
            .setExecutionExceptionHandler(
                (e, line, parsed) -> {
                  System.err.println("chaos: " + e.getMessage());
                  return 2;
                })
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path where = folder == null ? Files.createTempDirectory("chaos") : folder;
    boolean clean;
    try (Rig rig =
        new Rig(
            where,
            new Rig.Layout(
                workers,
                sinks,
                model == null ? "256m" : "512m",
                Duration.ofMillis(step),
                model,
                List.of("worker.intake=" + (share ? "share" : "partitions")),
                true))) {
      Thread end = new Thread(() -> closeAtLast(rig));
      Runtime.getRuntime().addShutdownHook(end);
      clean = run(rig);
      Runtime.getRuntime().removeShutdownHook(end);
    }
    if (clean) {
      delete(where);
    }
    System.out.println(clean ? "nothing was violated" : "VIOLATED; logs and data lie in " + where);
    return clean ? 0 : 1;
  }

  private boolean run(Rig rig) throws IOException, InterruptedException {
    Set<Fault.Kind> possible = EnumSet.allOf(Fault.Kind.class);
    if (kinds != null) {
      possible.retainAll(kinds);
    }
    if (possible.removeAll(rig.impossible())) {
      System.out.println(
          "left out, for they need root to mount a small file system: " + rig.impossible());
    }
    Duration time = Duration.ofMillis(Math.round(minutes * 60_000));
    List<Fault> faults = Fault.plan(seed, time, Duration.ofSeconds(calm), possible, workers, sinks);
    System.out.printf(
        "%d orders and %d faults in %.1f minutes, seed %d; logs in %s%n",
        count, faults.size(), minutes, seed, rig.logs());
    rig.start();
    return new Storm(
            rig, new Storm.Plan(seed, count, time, true, faults), model == null, System.out)
        .run();
  }

  private static void closeAtLast(Rig rig) {
    try {
      rig.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(all::add);
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
