package io.smartedit.benchmarks.soak;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What this process holds, after a full garbage collection.
 *
 * @param heap kilobytes
 * @param arrays of libtorch that Java still refers to
 * @param files open file handles
 * @param resident kilobytes
 */
record Holdings(long heap, long arrays, int threads, long files, long resident) {

  static final String HEAD = "heap kB  arrays  threads  files  resident kB";

  private static final Pattern ARRAYS =
      Pattern.compile("\\s(\\d+)\\s+\\d+\\s+ai\\.djl\\.pytorch\\.engine\\.PtNDArray\\s");
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final double SCATTER = 1.1;
  private static final double SCATTER_OF_ARRAYS = 1.01;
  private static final int SOME = 10;

  static Holdings now() throws IOException, JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 10;
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return new Holdings(
          heap,
          number(ARRAYS, histogram + "\n"),
          ManagementFactory.getThreadMXBean().getThreadCount(),
          files.count(),
          number(RESIDENT, Files.readString(Path.of("/proc/self/status"))));
    }
  }

  private static long number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /** Whether it is no more than something earlier, within what each scatters. */
  boolean isWithin(Holdings earlier) {
    return arrays <= earlier.arrays * SCATTER_OF_ARRAYS
        && heap <= earlier.heap * SCATTER
        && threads <= earlier.threads + SOME
        && files <= earlier.files + SOME
        && resident <= earlier.resident * SCATTER;
  }

  @Override
  public String toString() {
    return String.format("%7d  %6d  %7d  %5d  %11d", heap, arrays, threads, files, resident);
  }
}
