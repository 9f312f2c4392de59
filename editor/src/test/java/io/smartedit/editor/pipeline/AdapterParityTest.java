package io.smartedit.editor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.unet.UNet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The UNet with adapters answers as diffusers' with the same files; src/test/resources/adapters.
 */
final class AdapterParityTest {

  private static final Path TOY = Path.of("src/test/resources/parity/tiny");
  private static final Path FILES = Path.of("src/test/resources/adapters");

  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  private TensorFile golden = TensorFile.open(FILES.resolve("golden.safetensors"));

  @BeforeEach
  void open() {
    golden = TensorFile.open(FILES.resolve("golden.safetensors"));
  }

  @AfterEach
  void close() {
    golden.close();
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({
    "peft,peft=1",
    "diffusers,diffusers=1",
    "diffusers.-0.7,diffusers=-0.7",
    "kohya,kohya=1",
    "kohya.-0.7,kohya=-0.7",
    "diffusers.0.5.kohya.1.5,diffusers=0.5 kohya=1.5",
    "plain,",
    "plain,kohya=0 peft=0"
  })
  void adaptedAsByDiffusers(String expected, String choice) {
    try (LatentDiffusion nets = nets(Precision.FP32)) {
      assertThat(relative(answer(nets, adapters(choice)), expected)).isLessThan(1e-4);
    }
  }

  @Test
  void inBfloat16ItStaysAsCloseAsWithoutAdapters() {
    try (LatentDiffusion nets = nets(Precision.BF16)) {
      double plain = relative(answer(nets, Adapters.NONE), "plain");

      assertThat(relative(answer(nets, adapters("kohya=1")), "kohya"))
          .isBetween(1e-4, Math.max(0.03, 3 * plain));
    }
  }

  @Test
  void theUNetItselfIsNotChangedByItsAdapters() {
    try (LatentDiffusion nets = nets(Precision.FP32)) {
      float[] before = answer(nets, Adapters.NONE);
      float[] adapted = answer(nets, adapters("peft=1 kohya=2"));

      assertThat(answer(nets, Adapters.NONE)).isEqualTo(before).isNotEqualTo(adapted);
      assertThat(answer(nets, adapters("peft=1 kohya=2"))).isEqualTo(adapted);
    }
  }

  /** Left out, they would be missed: this variant reads instructions by it. */
  @Test
  void theBaselineRefusesWhatIsForItsTextEncoder() {
    NetLoader loader = new NetLoader(ModelFolder.open(TOY), NetLoader.View.STORED);
    List<Weights.Named> weights = new ArrayList<>();
    loader.unet(manager, Variant.INSTRUCT_PIX2PIX, Precision.FP32, weights);
    AdapterFiles files =
        new AdapterFiles(new TreeMap<>(Map.of("k", FILES.resolve("kohya.safetensors"))), 1L << 24);

    assertThatThrownBy(
            () ->
                AdapterBank.load(manager, files, weights, Variant.INSTRUCT_PIX2PIX, Precision.FP32))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("adapter k: ")
        .hasMessageContaining("has 3 tensors for the text encoder");
  }

  private float[] answer(LatentDiffusion nets, Adapters adapters) {
    NDArray x = golden.read("x", manager, Precision.FP32);
    NDArray text = golden.read("text", manager, Precision.FP32);
    UNetPrograms unet = adapters.isEmpty() ? nets.plain() : nets.adapted(manager, adapters);
    NDList readings = unet.read().run(manager, text);
    NDArray none = manager.zeros(new Shape(1, 1, 1, 1));
    return nets.predict(unet, x, new double[] {731, 12}, none, readings).toFloatArray();
  }

  private LatentDiffusion nets(Precision precision) {
    NetLoader loader = new NetLoader(ModelFolder.open(TOY), NetLoader.View.STORED);
    NDManager own = manager.newSubManager();
    List<Weights.Named> weights = new ArrayList<>();
    UNet unet = loader.unet(own, Variant.SMARTEDIT, precision, weights);
    SortedMap<String, Path> places =
        new TreeMap<>(
            Map.of(
                "peft", FILES.resolve("peft"),
                "diffusers", FILES.resolve("diffusers.safetensors"),
                "kohya", FILES.resolve("kohya.safetensors")));
    AdapterBank bank =
        AdapterBank.load(
            own, new AdapterFiles(places, 1L << 24), weights, Variant.SMARTEDIT, precision);
    return new LatentDiffusion(
        own, unet, loader.autoencoder(own, precision), precision, true, bank);
  }

  private static Adapters adapters(String text) {
    Map<String, Double> scales = new TreeMap<>();
    for (String each : text == null ? new String[0] : text.split(" ", -1)) {
      String[] pair = each.split("=", 2);
      scales.put(pair[0], Double.parseDouble(pair[1]));
    }
    return Adapters.of(scales);
  }

  private double relative(float[] answer, String expected) {
    float[] wanted = golden.read(expected, manager, Precision.FP32).toFloatArray();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < wanted.length; i++) {
      largest = Math.max(largest, Math.abs(wanted[i]));
      difference = Math.max(difference, Math.abs(answer[i] - wanted[i]));
    }
    return difference / largest;
  }
}
