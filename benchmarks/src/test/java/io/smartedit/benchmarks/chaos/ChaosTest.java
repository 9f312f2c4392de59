package io.smartedit.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code benchmarks/chaos}: real processes, two kinds of fault. */
final class ChaosTest {

  private static final long SEED = 16;
  private static final int ORDERS = 40;
  private static final int WORKERS = 2;
  private static final Duration TIME = Duration.ofSeconds(50);
  private static final Duration STEP = Duration.ofMillis(20);

  @TempDir private Path folder = Path.of("");

  @Test
  void everyEditEndsInOneEventWhateverIsKilled() throws Exception {
    List<Fault> faults =
        Fault.plan(
            SEED,
            TIME,
            Duration.ofSeconds(4),
            EnumSet.of(Fault.Kind.KILL_WORKER, Fault.Kind.STORE_ERRORS),
            WORKERS,
            1);
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    boolean clean;
    Rig.Layout layout = new Rig.Layout(WORKERS, 1, "256m", STEP, null, List.of(), false);
    try (Rig rig = new Rig(folder, layout);
        PrintStream out = new PrintStream(report, true, StandardCharsets.UTF_8)) {
      rig.start();
      clean = new Storm(rig, new Storm.Plan(SEED, ORDERS, TIME, false, faults), true, out).run();
    }

    assertThat(faults).hasSizeGreaterThan(2);
    assertThat(clean).as(report.toString(StandardCharsets.UTF_8)).isTrue();
  }
}
