package io.smartedit.editor.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class PlacementTest {

  @Test
  void theProcessorIsAlwaysThere() {
    assertThat(Placement.named("cpu", PrecisionChoice.FP32)).isEqualTo(Placement.CPU);
  }

  @Test
  void aCardThatIsNotThereIsSaidWithWhatIsWanted() {
    assertThatThrownBy(() -> Placement.named("gpu999", PrecisionChoice.FP32))
        .isInstanceOf(BadRequestException.class)
        .hasMessageStartingWith("gpu999 cannot be used: ")
        .hasMessageContaining("wanted is a libtorch 2.7.1 of flavor cpu or cu128")
        .message()
        .hasLineCount(1);
  }

  @Test
  void whatIsNoDeviceIsRefused() {
    for (String name : new String[] {"", "gpu", "GPU0", "tpu0", "cpu:0", "gpu0 "}) {
      assertThatThrownBy(() -> Placement.named(name, PrecisionChoice.AUTO))
          .isInstanceOf(BadRequestException.class)
          .hasMessage("device is '" + name + "', must be cpu, gpu0, gpu1 and so on");
    }
  }
}
