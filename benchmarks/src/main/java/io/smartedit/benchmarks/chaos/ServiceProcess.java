package io.smartedit.benchmarks.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process that is started again when it ends, as a supervisor would; its output goes to a file of
 * its own. Thread-safe.
 */
final class ServiceProcess implements AutoCloseable {

  private static final long RESTART_NANOS = 1_000_000_000L;

  private final String name;
  private final List<String> command;
  private final Path log;
  private @Nullable Process process;
  private boolean wanted;
  private boolean expectedEnd;
  private long endedAt;
  private int ownEnds;

  /**
   * @param main a class of this program's class path
   */
  ServiceProcess(String name, Path logs, List<String> jvm, String main, List<String> arguments) {
    this.name = name;
    log = logs.resolve(name + ".log");
    command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
  }

  String name() {
    return name;
  }

  synchronized void start() {
    wanted = true;
    expectedEnd = false;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** Starts it again where it was killed; the next {@link #supervise} sees to one that ended. */
  synchronized void resume() {
    if (!wanted) {
      start();
    }
  }

  /** SIGKILL; it stays away until {@link #resume}. */
  synchronized void kill() {
    wanted = false;
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /**
   * SIGTERM.
   *
   * @param forGood whether it stays away until {@link #start}; else it is started again once it has
   *     ended
   */
  synchronized void terminate(boolean forGood) {
    expectedEnd = true;
    wanted = !forGood;
    if (process != null) {
      process.destroy();
    }
  }

  /** SIGSTOP. */
  synchronized void freeze() {
    signal("STOP");
  }

  /** SIGCONT. */
  synchronized void thaw() {
    signal("CONT");
  }

  private void signal(String signal) {
    if (process == null || !process.isAlive()) {
      return; // ended meanwhile
    }
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
          .redirectErrorStream(true)
          .redirectOutput(Redirect.appendTo(log.toFile()))
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot send SIG" + signal + " to " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts it again where it has ended a second ago and should run. */
  synchronized void supervise() {
    if (!wanted || process == null || process.isAlive()) {
      endedAt = 0;
      return;
    }
    long now = System.nanoTime();
    if (endedAt == 0) {
      endedAt = now;
      ownEnds += expectedEnd ? 0 : 1;
    } else if (now - endedAt > RESTART_NANOS) {
      endedAt = 0;
      start();
    }
  }

  /** How often it ended without having been told to. */
  synchronized int ownEnds() {
    return ownEnds;
  }

  /** Kills it for good. */
  @Override
  public synchronized void close() {
    kill();
    try {
      if (process != null) {
        process.waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
