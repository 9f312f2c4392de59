package io.smartedit.editor.nn;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this machine's processors can do. */
final class Processor {

  private static final int AMPERE = 80;
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /* libtorch's own question answers yes for every AVX-512 processor, where bfloat16 is emulated. */
  private static final boolean BF16 =
      flags().stream().anyMatch(Set.of("amx_bf16", "avx512_bf16")::contains);

  private Processor() {}

  /** Whether products of bfloat16 are one instruction; known on Linux only, else no. */
  static boolean multipliesBf16() {
    return BF16;
  }

  /** Whether a graphics card does: NVIDIA's from compute capability 8.0 on. */
  static boolean multipliesBf16(Device gpu) {
    return CudaUtils.hasCuda()
        && Integer.parseInt(CudaUtils.getComputeCapability(gpu.getDeviceId())) >= AMPERE;
  }

  private static Set<String> flags() {
    try (Stream<String> lines = Files.lines(CPUINFO)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .limit(1)
          .flatMap(line -> Stream.of(line.split("\\s+")))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      return Set.of(); // not Linux
    }
  }
}
