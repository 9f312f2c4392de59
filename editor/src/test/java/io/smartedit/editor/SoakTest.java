package io.smartedit.editor;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Neither native arrays nor native memory grow with edits. */
final class SoakTest {

  private static final Path TOY = Path.of("src/test/resources/parity/tiny");
  private static final int EDITS = 2000;
  private static final int SETTLED = 200;

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "reads resident memory from /proc")
  void nativeArraysAndResidentMemoryStayWhereTheySettled() throws IOException {
    NativeArrays.count();
    Image source =
        ImageCodec.decode(Files.readAllBytes(TOY.resolve("source.png")), ImageLimits.DEFAULT);
    long settled = 0;
    long settledArrays = 0;
    long arrays;
    // Some of what comes again is found in the cache, some was pushed out of it.
    SmartEdit.Settings settings =
        new SmartEdit.Settings(Variant.SMARTEDIT, Placement.CPU, Placement.CPU, false, 1L << 20);
    try (SmartEdit editor = SmartEdit.open(TOY, settings)) {
      for (int i = 1; i <= EDITS; i++) {
        // Sizes change, as they do in a stream.
        int size = 16 + 8 * (i % 4);
        EditOptions options =
            new EditOptions(1, Guidance.DEFAULT, i, size, EditOptions.Fit.SQUARE, false);
        editor.edit(new EditRequest(source, "remove cat " + i % 97, options), EditObserver.NONE);
        if (i == SETTLED) {
          settled = residentKilobytes();
          settledArrays = NativeArrays.LIVE.get();
        }
      }
      arrays = NativeArrays.LIVE.get();
    }

    assertThat(arrays).as("native arrays").isEqualTo(settledArrays).isPositive();
    assertThat((double) residentKilobytes() / settled).as("resident memory").isLessThan(1.05);
  }

  private static long residentKilobytes() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }
}
