package io.smartedit.editor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.PrecisionChoice;
import io.smartedit.editor.options.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An edit on a card is the processor's edit, and leaves no memory behind. */
@Tag("gpu")
final class GpuTest {

  private static final Path TOY = Path.of("src/test/resources/parity/tiny");
  private static final int EDITS = 400;
  private static final int SETTLED = 100;
  private static final long ALLOCATOR_GROWTH = 64L << 20;

  @ParameterizedTest
  @CsvSource({"fp32, 2", "bf16, 24", "fp16, 12"})
  void theImageIsTheProcessorsWithinLevels(String precision, double levels) throws IOException {
    Placement card = card(precision);

    double distance = distance(edit(card, card), edit(Placement.CPU, Placement.CPU));

    assertThat(distance).isLessThanOrEqualTo(levels);
  }

  @Test
  void encoderAndDenoiserMayLieOnTwoDevices() throws IOException {
    Image apart = edit(Placement.CPU, card("fp32"));

    assertThat(distance(apart, edit(Placement.CPU, Placement.CPU))).isLessThanOrEqualTo(2);
    assertThat(distance(edit(card("fp32"), Placement.CPU), apart)).isLessThanOrEqualTo(2);
  }

  @Test
  void theCardsMemoryStaysWhereItSettled() throws IOException {
    Placement card = card("auto");
    long settled = 0;
    try (SmartEdit editor = editor(card, card)) {
      for (int i = 1; i <= EDITS; i++) {
        editor.edit(request(16 + 8 * (i % 4), "remove cat " + i % 97), EditObserver.NONE);
        if (i == SETTLED) {
          settled = used();
        }
      }
      assertThat(used() - settled).isLessThan(ALLOCATOR_GROWTH);
    }
  }

  private static long used() {
    return CudaUtils.getGpuMemory(Device.gpu(0)).getUsed();
  }

  private static Placement card(String precision) {
    return Placement.named("gpu0", PrecisionChoice.valueOf(precision.toUpperCase(Locale.ROOT)));
  }

  private static SmartEdit editor(Placement encoder, Placement denoiser) {
    return SmartEdit.open(
        TOY, new SmartEdit.Settings(Variant.SMARTEDIT, encoder, denoiser, false, 1L << 20));
  }

  private static Image edit(Placement encoder, Placement denoiser) throws IOException {
    try (SmartEdit editor = editor(encoder, denoiser)) {
      return editor.edit(request(32, "remove the cat"), EditObserver.NONE).image();
    }
  }

  private static EditRequest request(int size, String instruction) throws IOException {
    Image source =
        ImageCodec.decode(Files.readAllBytes(TOY.resolve("source.png")), ImageLimits.DEFAULT);
    EditOptions options =
        new EditOptions(2, Guidance.DEFAULT, 1, size, EditOptions.Fit.SQUARE, false);
    return new EditRequest(source, instruction, options);
  }

  /** Of 255 levels, the mean. */
  private static double distance(Image one, Image other) {
    long sum = 0;
    for (int i = 0; i < one.rgb().length; i++) {
      sum += Math.abs((one.rgb()[i] & 0xFF) - (other.rgb()[i] & 0xFF));
    }
    return (double) sum / one.rgb().length;
  }
}
