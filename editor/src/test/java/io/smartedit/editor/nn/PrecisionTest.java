package io.smartedit.editor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.PrecisionChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The fastest format is the one that the device multiplies in. */
final class PrecisionTest {

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "other systems do not say what the processor has")
  void autoIsBfloat16WhereTheProcessorHasIt() throws IOException {
    String flags = Files.readString(Path.of("/proc/cpuinfo"));
    boolean has = flags.contains(" amx_bf16") || flags.contains(" avx512_bf16");

    assertThat(PrecisionChoice.AUTO.on(Device.cpu()))
        .isEqualTo(has ? Precision.BF16 : Precision.FP32);
  }

  @Test
  void aCardThatIsNotThereMultipliesNothing() {
    assumeFalse(CudaUtils.hasCuda(), "there is one");

    assertThat(PrecisionChoice.AUTO.on(Device.gpu(0))).isEqualTo(Precision.FP32);
  }

  @Test
  void whatIsNamedIsTaken() {
    assertThat(Placement.named("cpu", PrecisionChoice.FP16).precision()).isEqualTo(Precision.FP16);
  }
}
