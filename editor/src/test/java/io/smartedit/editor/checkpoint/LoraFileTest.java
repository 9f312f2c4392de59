package io.smartedit.editor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.LowRank;
import io.smartedit.editor.nn.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Adapters in every spelling, and files that are none. */
final class LoraFileTest {

  private static final String QUERY = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  private static final String OUT =
      "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0";
  private static final String ONE = "down_blocks.0.attentions.0.proj_in";
  private static final String THREE = "conv_in";

  private static final Map<String, Shape> LAYERS =
      Map.of(
          QUERY, new Shape(6, 4),
          OUT, new Shape(4, 6),
          ONE, new Shape(4, 4, 1, 1),
          THREE, new Shape(4, 8, 3, 3));

  private static final NDManager MANAGER = NDManager.newBaseManager("PyTorch");
  private static final Path FOLDER = Path.of("target/lora-file-test");

  /** The name of a layer's tensors in a scheme of naming. */
  private record Spelling(String before, String down, String up, boolean flat, boolean processor) {
    String down(String layer) {
      return name(layer) + down;
    }

    String up(String layer) {
      return name(layer) + up;
    }

    String alpha(String layer) {
      return name(layer) + ".alpha";
    }

    private String name(String layer) {
      String name = processor ? layer.replace("attn1.to_", "attn1.processor.to_") : layer;
      name = processor ? name.replace("to_out.0", "to_out") : name;
      return before + (flat ? name.replace('.', '_') : name);
    }
  }

  @Provide
  Arbitrary<Spelling> spellings() {
    return Arbitraries.of(
        new Spelling("unet.", ".lora_A.weight", ".lora_B.weight", false, false),
        new Spelling("", ".lora_A.weight", ".lora_B.weight", false, false),
        new Spelling("base_model.model.", ".lora_A.weight", ".lora_B.weight", false, false),
        new Spelling(
            "base_model.model.", ".lora_A.default.weight", ".lora_B.default.weight", false, false),
        new Spelling("unet.", ".lora.down.weight", ".lora.up.weight", false, false),
        new Spelling("unet.", "_lora.down.weight", "_lora.up.weight", false, true),
        new Spelling(
            "unet.",
            ".lora_linear_layer.down.weight",
            ".lora_linear_layer.up.weight",
            false,
            false),
        new Spelling("lora_unet_", ".lora_down.weight", ".lora_up.weight", true, false));
  }

  @Provide
  Arbitrary<List<String>> someLayers() {
    return Arbitraries.of(LAYERS.keySet()).list().uniqueElements().ofMinSize(1);
  }

  /** Also where a matrix stands for a kernel of one, or a kernel of one for a matrix. */
  @Property(tries = 200)
  void whatIsWrittenInAnySpellingIsReadBackInTheLayersShape(
      @ForAll("spellings") Spelling spelling,
      @ForAll("someLayers") List<String> layers,
      @ForAll @IntRange(min = 1, max = 9) int rank,
      @ForAll boolean otherForm,
      @ForAll boolean withAlpha,
      @ForAll @IntRange(min = -20, max = 20) int alpha)
      throws IOException {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    for (String layer : layers) {
      tensors.put(spelling.down(layer), numbers(down(layer, rank, otherForm)));
      tensors.put(spelling.up(layer), numbers(up(layer, rank, otherForm)));
      if (withAlpha) {
        tensors.put(spelling.alpha(layer), MANAGER.create((float) alpha));
      }
    }
    boolean readable =
        !spelling.processor() || layers.stream().allMatch(each -> each.contains("attn1"));
    Path path = write(tensors, Map.of());
    if (!readable) {
      return; // only attention was ever spelled so
    }

    try (LoraFile file = LoraFile.open(path, LAYERS)) {
      assertThat(file.layers()).containsExactlyInAnyOrderElementsOf(layers);
      for (String layer : layers) {
        assertThat(file.scale(layer))
            .isCloseTo(withAlpha ? (double) alpha / rank : 1, within(1e-6));
        LowRank pair = file.read(layer, MANAGER, Precision.FP32);
        assertThat(pair.a().getShape()).isEqualTo(down(layer, rank, false));
        assertThat(pair.b().getShape()).isEqualTo(up(layer, rank, false));
        assertThat(pair.a().toFloatArray())
            .isEqualTo(array(tensors, spelling.down(layer)).toFloatArray());
      }
      assertThat(file.numbers())
          .isEqualTo(
              tensors.values().stream()
                  .filter(t -> t.getShape().dimension() > 0)
                  .mapToLong(NDArray::size)
                  .sum());
    }
  }

  /** One tensor of a wrong shape, whatever it is, is refused by its name, and nothing is read. */
  @Property(tries = 200)
  void aShapeThatDoesNotFitIsRefusedByItsName(
      @ForAll("wrong") Wrong wrong, @ForAll @IntRange(min = 1, max = 5) int rank)
      throws IOException {
    Map<String, NDArray> tensors = pair(THREE, rank);
    String name =
        wrong.up() ? "unet." + THREE + ".lora_B.weight" : "unet." + THREE + ".lora_A.weight";
    Shape right = array(tensors, name).getShape();
    boolean matrix = wrong.up() && wrong.shape().equals(new Shape(right.get(0), right.get(1)));
    if (wrong.shape().equals(right)
        || matrix // stands for the convolution of kernel 1 that an up is
        || (!wrong.up()
            && wrong.shape().dimension() == 4
            && wrong.shape().get(0) != rank
            && Arrays.equals(tail(wrong.shape()), tail(right)))) {
      return; // fits, or is of another rank than its partner, which is then named
    }
    tensors.put(name, MANAGER.zeros(wrong.shape()));

    assertThatThrownBy(() -> LoraFile.open(write(tensors, Map.of()), LAYERS))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("unet." + THREE);
  }

  private record Wrong(boolean up, Shape shape) {}

  @Provide
  Arbitrary<Wrong> wrong() {
    Arbitrary<Shape> shapes =
        Arbitraries.longs().between(0, 9).array(long[].class).ofMaxSize(5).map(Shape::new);
    return Combinators.combine(Arbitraries.of(true, false), shapes).as(Wrong::new);
  }

  @Test
  void whatIsNoLoraOfThisUNetIsRefusedSayingWhy() throws IOException {
    refused(Map.of(), "adapts no layer of the UNet");
    refused(
        Map.of("conv_in.weight", numbers(new Shape(4, 8, 3, 3))),
        "tensor conv_in.weight is no part of a LoRA: lora_A and lora_B, lora_down and lora_up, or"
            + " alpha");
    refused(
        Map.of("lora_unet_conv_in.hada_w1_a", numbers(new Shape(4, 8))),
        "tensor lora_unet_conv_in.hada_w1_a is no part of a LoRA");
    refused(
        with(pair(QUERY, 2), "unet." + QUERY + ".dora_scale", numbers(new Shape(6))),
        "dora_scale is no part");
    refused(
        with(pair(QUERY, 2), "unet.conv_9.lora_A.weight", numbers(new Shape(2, 4))),
        "tensor unet.conv_9.lora_A.weight is for no layer of the UNet that can be adapted");
    refused(
        with(
            pair(QUERY, 2),
            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
            numbers(new Shape(2, 4))),
        "is for no layer of the UNet that can be adapted");
    refused(without(pair(QUERY, 2), "lora_A"), "has no lora_A (down)");
    refused(without(pair(QUERY, 2), "lora_B"), "has no lora_B (up)");
    refused(
        with(
            pair(QUERY, 2),
            "lora_unet_" + QUERY.replace('.', '_') + ".lora_up.weight",
            numbers(new Shape(6, 2))),
        "is for the same as unet." + QUERY + ".lora_B.weight");
    refused(pair(QUERY, 1025), "has the rank 1025, must be from 1 to 1024");
    refused(
        with(pair(QUERY, 2), "unet." + QUERY + ".lora_B.weight", numbers(new Shape(6, 3))),
        "lora_B.weight has shape (6, 3), expected (6, 2)");
    refused(
        with(
            pair(QUERY, 2),
            "unet." + QUERY + ".lora_A.weight",
            MANAGER.zeros(new Shape(2, 4), DataType.INT32)),
        "has the type int32, must be F64, F32, F16 or BF16");
    refused(
        with(pair(QUERY, 2), "unet." + QUERY + ".alpha", MANAGER.create(Float.NaN)),
        "alpha is no number");
    refused(
        with(pair(QUERY, 2), "unet." + QUERY + ".alpha", MANAGER.create(new float[] {1, 2})),
        "alpha has shape (2), expected one number");
    refused(with(pair(QUERY, 2), "x\n".repeat(400), MANAGER.create(1f)), "tensor x?x?x?");
  }

  @Test
  void numbersThatAreNoneInThePrecisionAreRefused() throws IOException {
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 1e30f}) {
      Map<String, NDArray> tensors = pair(QUERY, 1);
      tensors.put(
          "unet." + QUERY + ".lora_A.weight",
          MANAGER.create(new float[] {1, value, 3, 4}, new Shape(1, 4)));
      try (LoraFile file = LoraFile.open(write(tensors, Map.of()), LAYERS)) {
        assertThatThrownBy(() -> file.read(QUERY, MANAGER, Precision.FP16))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining("unet." + QUERY + ".lora_A.weight holds")
            .hasMessageEndingWith("in fp16");
      }
    }
  }

  @Test
  void alphaMayStandInTheFilesHeadOrInPeftsConfigBesideIt() throws IOException {
    String head = "{\"unet.r\": 4, \"unet.lora_alpha\": 8, \"unet.use_rslora\": %s}";
    assertThat(scale(Map.of("lora_adapter_metadata", head.formatted("false")))).isEqualTo(2);
    assertThat(scale(Map.of("lora_adapter_metadata", head.formatted("true")))).isEqualTo(4);
    assertThat(scale(Map.of("format", "pt"))).isEqualTo(1);
    for (String[] bad :
        new String[][] {
          {"{\"unet.use_dora\": true}", "unet.use_dora is true, which is not supported"},
          {
            "{\"unet.alpha_pattern\": {\"to_q\": 3}}",
            "alpha_pattern is {\"to_q\":3}, which is not supported"
          },
          {"{\"unet.lora_alpha\": \"many\"}", "lora_alpha is \"many\", must be a number"},
          {"{", "lora_adapter_metadata is not JSON"}
        }) {
      assertThatThrownBy(() -> scale(Map.of("lora_adapter_metadata", bad[0])))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(bad[1]);
    }
    Path peft = Files.createDirectories(FOLDER.resolve("peft"));
    Files.move(
        write(pair(QUERY, 4), Map.of()),
        peft.resolve("adapter_model.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(peft.resolve("adapter_config.json"), "{\"r\": 4, \"lora_alpha\": 2}");
    try (LoraFile file = LoraFile.open(peft, LAYERS)) {
      assertThat(file.scale(QUERY)).isEqualTo(0.5);
    }
    Path empty = Files.createDirectories(FOLDER.resolve("empty"));
    assertThatThrownBy(() -> LoraFile.open(empty, LAYERS)).hasMessageContaining("holds no adapter");
  }

  @Test
  void whatIsForATextEncoderIsCountedAndLeftOut() throws IOException {
    Map<String, NDArray> tensors = pair(QUERY, 2);
    for (String name :
        List.of(
            "lora_te_text_model_x.lora_down.weight",
            "text_encoder.a.lora_A.weight",
            "lora_te1_y.alpha")) {
      tensors.put(name, numbers(new Shape(2, 2)));
    }
    try (LoraFile file = LoraFile.open(write(tensors, Map.of()), LAYERS)) {
      assertThat(file.layers()).containsExactly(QUERY);
      assertThat(file.textEncoder()).isEqualTo(3);
    }
  }

  @Test
  void damagedFilesAreRefusedOrHarmless() throws IOException {
    Random random = new Random(4);
    byte[] whole = Files.readAllBytes(write(pair(QUERY, 3), Map.of()));
    for (int i = 0; i < 300; i++) {
      byte[] bytes =
          i % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int flips = 0; flips < 4 && bytes.length > 0; flips++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Path path = Files.write(FOLDER.resolve("damaged.safetensors"), bytes);
      try (LoraFile file = LoraFile.open(path, LAYERS)) {
        file.read(QUERY, MANAGER, Precision.FP32);
      } catch (CheckpointException e) {
        assertThat(e.getMessage()).contains(path.toString()).doesNotContain("\n");
      }
    }
  }

  private static double scale(Map<String, String> metadata) throws IOException {
    try (LoraFile file = LoraFile.open(write(pair(QUERY, 4), metadata), LAYERS)) {
      return file.scale(QUERY);
    }
  }

  private static void refused(Map<String, NDArray> tensors, String message) throws IOException {
    Path path = write(tensors, Map.of());
    assertThatThrownBy(() -> LoraFile.open(path, LAYERS))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(path + ": ")
        .hasMessageContaining(message);
  }

  private static Map<String, NDArray> pair(String layer, int rank) {
    Map<String, NDArray> pair = new LinkedHashMap<>();
    pair.put("unet." + layer + ".lora_A.weight", numbers(down(layer, rank, false)));
    pair.put("unet." + layer + ".lora_B.weight", numbers(up(layer, rank, false)));
    return pair;
  }

  private static Map<String, NDArray> with(
      Map<String, NDArray> tensors, String name, NDArray array) {
    tensors.put(name, array);
    return tensors;
  }

  private static Map<String, NDArray> without(Map<String, NDArray> tensors, String part) {
    tensors.keySet().removeIf(name -> name.contains(part));
    return tensors;
  }

  private static Shape down(String layer, int rank, boolean otherForm) {
    Shape weight = Objects.requireNonNull(LAYERS.get(layer));
    boolean matrix = weight.dimension() == 2;
    if (layer.equals(THREE)) {
      return new Shape(rank, weight.get(1), 3, 3);
    }
    return matrix != otherForm
        ? new Shape(rank, weight.get(1))
        : new Shape(rank, weight.get(1), 1, 1);
  }

  private static Shape up(String layer, int rank, boolean otherForm) {
    Shape weight = Objects.requireNonNull(LAYERS.get(layer));
    boolean matrix = weight.dimension() == 2;
    return matrix != otherForm
        ? new Shape(weight.get(0), rank)
        : new Shape(weight.get(0), rank, 1, 1);
  }

  private static NDArray array(Map<String, NDArray> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name));
  }

  private static NDArray numbers(Shape shape) {
    return MANAGER.randomNormal(shape);
  }

  private static long[] tail(Shape shape) {
    return Arrays.copyOfRange(shape.getShape(), 1, shape.dimension());
  }

  private static Path write(Map<String, NDArray> tensors, Map<String, String> metadata)
      throws IOException {
    Path path = Files.createDirectories(FOLDER).resolve("adapter.safetensors");
    Safetensors.write(path, tensors, metadata);
    return path;
  }
}
