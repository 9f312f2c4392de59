package io.smartedit.editor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was read before is found, and is what would be computed. */
final class CacheTest {

  private static final Path TOY = Path.of("src/test/resources/parity/tiny");

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void anEditFromTheCacheEqualsTheComputedOne(Precision precision) throws IOException {
    Placement place = new Placement(Device.cpu(), precision);
    List<EditRequest> requests =
        List.of(
            request("remove the cat", 1, 32),
            request("remove the cat", 2, 32),
            request("remove the dog", 3, 32),
            request("remove the cat", 4, 48));
    try (SmartEdit with = editor(place, 1L << 26);
        SmartEdit without = editor(place, 0)) {
      for (EditRequest request : requests) {
        byte[] found = with.edit(request, EditObserver.NONE).image().rgb();

        assertThat(found).isEqualTo(without.edit(request, EditObserver.NONE).image().rgb());
      }
    }
  }

  @Test
  void everythingThatIsTheSameIsFoundAndNothingElse() throws IOException {
    try (SmartEdit editor = editor(Placement.CPU, 1L << 26)) {
      assertThat(hits(editor, request("remove the cat", 1, 32))).isEmpty();
      assertThat(hits(editor, request("remove the cat", 2, 32)))
          .isEqualTo(Map.of("condition", 1L, "latents", 1L, "round_trip", 1L));
      assertThat(hits(editor, request("remove the dog", 2, 32)))
          .isEqualTo(Map.of("vision", 1L, "latents", 1L, "round_trip", 1L));
      assertThat(hits(editor, request("remove the cat", 2, 48))).isEqualTo(Map.of("vision", 1L));
    }
  }

  @Test
  void whatDoesNotFitIsNotKept() throws IOException {
    try (SmartEdit editor = editor(Placement.CPU, 100)) {
      assertThat(hits(editor, request("remove the cat", 1, 32))).isEmpty();
      assertThat(hits(editor, request("remove the cat", 1, 32))).isEmpty();
    }
  }

  @Test
  void whatWasRefusedIsRefusedAgain() throws IOException {
    try (SmartEdit editor = editor(Placement.CPU, 1L << 26)) {
      EditRequest bad = request("remove <img_0>", 1, 32);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> editor.edit(bad, EditObserver.NONE))
            .isInstanceOf(BadRequestException.class);
      }
    }
  }

  private static Map<String, Long> hits(SmartEdit editor, EditRequest request) {
    try (SmartEdit.Edit edit = editor.begin(request, EditObserver.NONE)) {
      while (!edit.isDone()) {
        editor.step(List.of(edit));
      }
      editor.finish(edit);
      return edit.cacheHits();
    }
  }

  private static SmartEdit editor(Placement place, long cacheBytes) {
    return SmartEdit.open(
        TOY, new SmartEdit.Settings(Variant.SMARTEDIT, place, place, false, cacheBytes));
  }

  private static EditRequest request(String instruction, long seed, int size) throws IOException {
    Image source =
        ImageCodec.decode(Files.readAllBytes(TOY.resolve("source.png")), ImageLimits.DEFAULT);
    EditOptions options =
        new EditOptions(2, Guidance.DEFAULT, seed, size, EditOptions.Fit.SQUARE, false, true);
    return new EditRequest(source, instruction, options);
  }
}
