package io.smartedit.editor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Edits with adapters beside edits without, in one model. */
final class AdapterTest {

  private static final Path TOY = Path.of("src/test/resources/parity/tiny");
  private static final Path FILES = Path.of("src/test/resources/adapters");

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void whatHasNoAdapterOrTheScaleZeroIsTheModelsOwnEditBitForBit(Precision precision) {
    Placement place = new Placement(Device.cpu(), precision);
    try (SmartEdit without = editor(place, AdapterFiles.NONE);
        SmartEdit with = editor(place, files())) {
      byte[] own = edit(without, Map.of());

      assertThat(edit(with, Map.of())).isEqualTo(own);
      assertThat(edit(with, Map.of("kohya", 1.0))).isNotEqualTo(own);
      assertThat(edit(with, Map.of("kohya", 0.0, "peft", -0.0))).isEqualTo(own);
      assertThat(edit(with, Map.of())).isEqualTo(own);
    }
  }

  @Test
  void theScaleAndTheOtherAdapterCount() {
    try (SmartEdit editor = editor(Placement.CPU, files())) {
      List<byte[]> images =
          List.of(
              edit(editor, Map.of("kohya", 1.0)),
              edit(editor, Map.of("kohya", 0.5)),
              edit(editor, Map.of("kohya", -1.0)),
              edit(editor, Map.of("peft", 1.0)),
              edit(editor, Map.of("peft", 1.0, "kohya", 1.0)));

      assertThat(images).doesNotHaveDuplicates();
      assertThat(edit(editor, Map.of("kohya", 0.5))).isEqualTo(images.get(1));
    }
  }

  @Test
  void neighboursAndTheirOrderDoNotMatter() {
    List<Map<String, Double>> all =
        List.of(
            Map.of("kohya", 1.0),
            Map.of(),
            Map.of("peft", 0.5, "kohya", 1.5),
            Map.of("kohya", 1.0),
            Map.of("kohya", -2.0));
    try (SmartEdit editor = editor(Placement.CPU, files())) {
      List<float[]> solo = all.stream().map(each -> latents(editor, List.of(each)).get(0)).toList();
      List<float[]> together = latents(editor, all);
      List<Map<String, Double>> turned = new ArrayList<>(all);
      Collections.reverse(turned);
      List<float[]> reversed = new ArrayList<>(latents(editor, turned));
      Collections.reverse(reversed);

      for (int i = 0; i < all.size(); i++) {
        assertThat(relativeDifference(together.get(i), solo.get(i))).as("%s", i).isLessThan(1e-4);
        assertThat(relativeDifference(reversed.get(i), solo.get(i))).as("%s", i).isLessThan(1e-4);
      }
      assertThat(relativeDifference(solo.get(0), solo.get(1))).isGreaterThan(1e-2);
    }
  }

  /**
   * The condition and the latents do not depend on the UNet, so they are found whatever adapts it.
   */
  @Test
  void whatIsReadOfImageAndInstructionIsFoundAgainWithOtherAdapters() {
    try (SmartEdit editor = editor(Placement.CPU, files())) {
      byte[] first = edit(editor, Map.of());
      try (SmartEdit.Edit other = editor.begin(request(Map.of("peft", 1.0)), EditObserver.NONE)) {
        assertThat(other.cacheHits()).isEqualTo(Map.of("condition", 1L, "latents", 1L));
      }
      assertThat(edit(editor, Map.of("peft", 1.0))).isNotEqualTo(first);
    }
  }

  @Test
  void variantsHaveTheAdaptersOfTheirRequest() {
    try (SmartEdit editor = editor(Placement.CPU, files())) {
      List<EditedImage> two = editor.edit(request(Map.of("kohya", 2.0)), 2, EditObserver.NONE);
      EditRequest second =
          new EditRequest(source(), "remove the cat", options(Map.of("kohya", 2.0)).withSeed(8));

      assertThat(distance(two.get(1).image(), editor.edit(second, EditObserver.NONE).image()))
          .isLessThan(2);
      assertThat(two.get(0).image().rgb()).isEqualTo(edit(editor, Map.of("kohya", 2.0)));
    }
  }

  @Test
  void aChoiceThatManyEditsMadeIsHeldOnceAndFreedWhenOthersCome() {
    NativeArrays.count();
    try (SmartEdit editor = editor(Placement.CPU, files())) {
      long settled = 0;
      for (int i = 0; i < 24; i++) {
        try (SmartEdit.Edit one =
                editor.begin(request(Map.of("kohya", 1 + i / 32.0)), EditObserver.NONE);
            SmartEdit.Edit same =
                editor.begin(request(Map.of("kohya", 1 + i / 32.0)), EditObserver.NONE)) {
          editor.step(List.of(one, same));
        }
        if (i == 11) {
          settled = NativeArrays.LIVE.get();
        }
      }
      assertThat(NativeArrays.LIVE.get()).isEqualTo(settled).isPositive();
    }
  }

  @Test
  void anEditOutlivesItsEditorsEnd() {
    SmartEdit editor = editor(Placement.CPU, files());
    SmartEdit.Edit edit = editor.begin(request(Map.of("kohya", 1.0)), EditObserver.NONE);
    editor.close();
    edit.close();
    edit.close();
  }

  @Test
  void whatIsNotThereIsRefusedByItsNameWithThoseThatAre() {
    try (SmartEdit editor = editor(Placement.CPU, files());
        SmartEdit none = editor(Placement.CPU, AdapterFiles.NONE)) {
      assertThatThrownBy(() -> editor.prepare(request(Map.of("toon", 1.0))))
          .isInstanceOf(BadRequestException.class)
          .hasMessage("adapters: 'toon' is not known; there are diffusers, kohya, peft");
      assertThatThrownBy(() -> none.prepare(request(Map.of("toon", 1.0))))
          .hasMessage("adapters: 'toon' is not known; this model has none");
    }
  }

  @Test
  void scalesOutOfRangeAndTooManyAreRefused() {
    for (double scale : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 4.001, -5}) {
      assertThatThrownBy(() -> Adapters.of(Map.of("toon", scale)))
          .isInstanceOf(BadRequestException.class)
          .hasMessage("adapters.toon is " + scale + ", must be from -4.0 to 4.0");
    }
    assertThatThrownBy(() -> Adapters.of(Map.of("a", 1.0, "b", 1.0, "c", 1.0, "d", 1.0, "e", 1.0)))
        .hasMessage("adapters are 5, more than 4");
  }

  @Test
  void adaptersThatTakeMoreThanTheyMayAreRefusedBeforeTheyAreRead() {
    AdapterFiles few = new AdapterFiles(files().places(), 200_000);
    try (SmartEdit editor = editor(Placement.CPU, few)) {
      assertThatThrownBy(editor::load)
          .isInstanceOf(CheckpointException.class)
          .hasMessageMatching("adapter kohya: they take \\d{6} bytes with it, more than 200000");
    }
  }

  private static AdapterFiles files() {
    return new AdapterFiles(
        new TreeMap<>(
            Map.of(
                "peft", FILES.resolve("peft"),
                "diffusers", FILES.resolve("diffusers.safetensors"),
                "kohya", FILES.resolve("kohya.safetensors"))),
        1L << 24);
  }

  private static SmartEdit editor(Placement place, AdapterFiles files) {
    return SmartEdit.open(
        TOY, new SmartEdit.Settings(Variant.SMARTEDIT, place, place, false).with(files));
  }

  private static byte[] edit(SmartEdit editor, Map<String, Double> adapters) {
    return editor.edit(request(adapters), EditObserver.NONE).image().rgb();
  }

  private static List<float[]> latents(SmartEdit editor, List<Map<String, Double>> all) {
    List<SmartEdit.Edit> edits =
        all.stream().map(each -> editor.begin(request(each), EditObserver.NONE)).toList();
    while (!edits.get(0).isDone()) {
      editor.step(edits);
    }
    List<float[]> latents = edits.stream().map(edit -> edit.slot.latents().toFloatArray()).toList();
    edits.forEach(SmartEdit.Edit::close);
    return latents;
  }

  private static EditRequest request(Map<String, Double> adapters) {
    return new EditRequest(source(), "remove the cat", options(adapters));
  }

  private static EditOptions options(Map<String, Double> adapters) {
    return new EditOptions(2, Guidance.DEFAULT, 7, 32, EditOptions.Fit.SQUARE, false)
        .with(Adapters.of(adapters));
  }

  private static int distance(Image one, Image other) {
    return IntStream.range(0, one.rgb().length)
        .map(i -> Math.abs((one.rgb()[i] & 0xff) - (other.rgb()[i] & 0xff)))
        .max()
        .orElseThrow();
  }

  private static double relativeDifference(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    return difference / largest;
  }

  private static Image source() {
    try {
      return ImageCodec.decode(Files.readAllBytes(TOY.resolve("source.png")), ImageLimits.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
