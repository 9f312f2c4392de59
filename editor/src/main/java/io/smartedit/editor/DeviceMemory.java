package io.smartedit.editor;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;

/** What devices have left of their memory. */
final class DeviceMemory {

  private static final Path LINUX = Path.of("/proc/meminfo");
  private static final Path SELF = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final String AVAILABLE = "MemAvailable:";
  private static final long KIB = 1024;

  private DeviceMemory() {}

  /** What libtorch keeps for itself counts as taken. */
  static long free(Device device) {
    if (device.isGpu() && !CudaUtils.hasCuda()) {
      return Long.MAX_VALUE; // libtorch found the runtime where DJL does not
    }
    if (device.isGpu()) {
      MemoryUsage usage = CudaUtils.getGpuMemory(device);
      return usage.getMax() - usage.getUsed();
    }
    return Math.min(available(), ofContainer());
  }

  /** Without what the system could take back from its caches Linux says far too little. */
  private static long available() {
    try {
      return Files.readAllLines(LINUX).stream()
          .filter(line -> line.startsWith(AVAILABLE))
          .mapToLong(DeviceMemory::bytes)
          .findFirst()
          .orElse(Long.MAX_VALUE);
    } catch (IOException e) {
      return system().getFreeMemorySize(); // no Linux
    }
  }

  /** Its limit, or the machine's memory, less what this process holds. */
  private static long ofContainer() {
    try {
      long held =
          Files.readAllLines(SELF).stream()
              .filter(line -> line.startsWith(RESIDENT))
              .mapToLong(DeviceMemory::bytes)
              .findFirst()
              .orElse(0);
      return Math.max(0, system().getTotalMemorySize() - held);
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  private static long bytes(String line) {
    return KIB * Long.parseLong(line.replaceAll("\\D", ""));
  }

  private static OperatingSystemMXBean system() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }
}
