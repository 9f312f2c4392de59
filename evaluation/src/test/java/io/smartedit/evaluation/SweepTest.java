package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.scheduler.Sampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep tries what it is told to, and says what holds. */
final class SweepTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final EditOptions OPTIONS =
      new EditOptions(1, new Guidance(2, 1), 0, 16, EditOptions.Fit.SQUARE, false);

  @Test
  void everyCombinationIsTriedOnceBesideTheModelsOwn(@TempDir Path out) throws IOException {
    List<Lever> levers =
        Lever.combinations(
            Map.of(
                "precision", "fp32",
                "sampler", "euler_ancestral,unipc",
                "steps", "1,2",
                "guidance", "0-1,0.5-1"));
    List<Sweep.Point> heard = new ArrayList<>();

    List<Sweep.Point> points =
        new Sweep(SweepTest::toy, OPTIONS, Evaluation.emoji(1)).run(levers, out, heard::add);

    assertThat(points).isEqualTo(heard).hasSize(8);
    assertThat(points.get(0).lever()).isEqualTo(Lever.of(OPTIONS, Precision.FP32));
    assertThat(points).allSatisfy(p -> assertThat(p.means()).containsKeys("right", "psnr"));
    assertThat(Files.readAllLines(out.resolve("sweep.csv")))
        .hasSize(9)
        .anyMatch(line -> line.startsWith("unipc,fp32,0.5,1.0,2,"));
    assertThat(out.resolve("sweep.png")).isNotEmptyFile();
  }

  @Test
  void scoresHoldWithinAPointAndHalfADecibel() {
    Sweep.Point reference = point(0.90, 30);

    assertThat(point(0.89, 29.5).holds(reference)).isTrue();
    assertThat(point(0.95, 35).holds(reference)).isTrue();
    assertThat(point(0.88, 30).holds(reference)).isFalse();
    assertThat(point(0.90, 29.4).holds(reference)).isFalse();
  }

  @Test
  void whatIsNoLeverOrNoValueIsNamed() {
    assertThatThrownBy(() -> Lever.combinations(Map.of("speed", "1")))
        .hasMessage("lever speed is none of guidance, precision, sampler, steps");
    assertThatThrownBy(() -> Lever.combinations(Map.of("steps", "4,many")))
        .hasMessage("lever steps has no value many");
    assertThatThrownBy(() -> Lever.combinations(Map.of("guidance", "0.2-1.5")))
        .hasMessageContaining("guidance until is 1.5");
  }

  private static SmartEdit toy(Precision precision) {
    Placement place = new Placement(Device.cpu(), precision);
    return SmartEdit.open(TOY, new SmartEdit.Settings(Variant.SMARTEDIT, place, place, false));
  }

  private static Sweep.Point point(double right, double psnr) {
    Lever lever = new Lever(Precision.FP32, Sampler.EULER, 8, 0, 1);
    return new Sweep.Point(lever, 1, 1, Map.of("right", right, "psnr", psnr));
  }
}
