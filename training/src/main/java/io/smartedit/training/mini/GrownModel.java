package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.training.ModelCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model for images of twice the side, which begins with what a smaller one has learned.
 *
 * <p>The vision encoder's patches are twice as large and see the mean of every 2 x 2 pixels. The
 * autoencoder has one more level in front, which at first passes through: of an image whose 2 x 2
 * blocks are of one colour its encoder says what the smaller one says of the halved image, and what
 * its decoder paints has, halved, the smaller one's pixels. So latents and patches keep their
 * number and their meaning, and every other net stays as it is.
 */
final class GrownModel {

  private static final String CONFIG = "config.json";
  private static final String VISION = "clip-vision/";
  private static final String VAE = "instruct-pix2pix/vae/";
  private static final String KERNEL = "vision_model.embeddings.patch_embedding.weight";
  private static final String ENCODER_IN = "encoder.conv_in";
  private static final String DECODER_OUT = "decoder.conv_out.weight";
  private static final int TAPS = 3;

  /** Colours of a pixel and of its eight neighbours. */
  private static final int NEIGHBOURHOOD = 3 * TAPS * TAPS;

  /**
   * How a tap of a kernel on the halved image is made of taps on the image: which of the three
   * pixels that the halving convolution sees, and which neighbour of it, as its index in a kernel.
   * The first of six pixels in a row is out of reach; the second stands for both.
   */
  private static final int[][][] REACHED = {{{0, 0}}, {{0, 1}, {1, 1}}, {{2, 1}, {2, 2}}};

  /** Of a kernel on twice as many cells, so that the mean of two results is what it was. */
  private static final float[][] SPREAD = {{2, -1, 0}, {0, 1, 0}, {0, -1, 2}};

  private final Path from;
  private final Path to;
  private final NDManager manager;

  private GrownModel(Path from, Path to, NDManager manager) {
    this.from = from;
    this.to = to;
    this.manager = manager;
  }

  /**
   * Writes the model, whole or not at all.
   *
   * @param from stays as it is
   * @param to does not exist
   */
  static void create(Path from, Path to, int seed) throws IOException {
    Path part = to.toAbsolutePath().resolveSibling(to.getFileName() + ".growing");
    if (!Files.exists(part)) {
      ModelCopy.exact(from, part);
    }
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      manager.getEngine().setRandomSeed(seed);
      GrownModel model = new GrownModel(from, part, manager);
      model.growVision();
      model.growAutoencoder();
      ObjectNode config = model.read(CONFIG);
      ObjectNode defaults = config.withObject("/defaults");
      model.write(CONFIG, config.set("defaults", defaults.put("size", 2 * size(from))));
    }
    Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Side of the images a model is for, in pixels. */
  static int size(Path model) {
    return new NetLoader(ModelFolder.open(model), NetLoader.View.STORED).options().size();
  }

  private void growVision() throws IOException {
    ObjectNode config = read(VISION + CONFIG);
    config.put("image_size", 2 * config.path("image_size").asInt());
    config.put("patch_size", 2 * config.path("patch_size").asInt());
    write(VISION + CONFIG, config);
    Map<String, NDArray> weights = weights(VISION + "model.safetensors");
    NDArray kernel = single(weights, KERNEL);
    weights.put(KERNEL, kernel.repeat(2, 2).repeat(3, 2).div(4));
    Safetensors.write(to.resolve(VISION + "model.safetensors"), weights, Map.of());
  }

  private void growAutoencoder() throws IOException {
    ObjectNode config = read(VAE + CONFIG);
    ArrayNode channels = config.withArray("/block_out_channels");
    int width = channels.get(0).asInt();
    if (width < NEIGHBOURHOOD) {
      throw new IllegalArgumentException(
          "the autoencoder's first stage has %d channels; to grow it needs %d"
              .formatted(width, NEIGHBOURHOOD));
    }
    int levels = channels.size();
    channels.insert(0, width);
    write(VAE + CONFIG, config);
    String file = VAE + "diffusion_pytorch_model.safetensors";
    Map<String, NDArray> weights = new LinkedHashMap<>();
    weights(file).forEach((name, array) -> weights.put(shifted(name), array));
    growEncoder(weights, width);
    growDecoder(weights, width, levels, config.path("layers_per_block").asInt());
    Safetensors.write(to.resolve(file), weights, Map.of());
  }

  /** The encoder's stages are counted from outside. */
  private static String shifted(String name) {
    String stages = "encoder.down_blocks.";
    if (!name.startsWith(stages)) {
      return name;
    }
    int dot = name.indexOf('.', stages.length());
    int stage = Integer.parseInt(name.substring(stages.length(), dot));
    return stages + (stage + 1) + name.substring(dot);
  }

  /**
   * The first convolution gathers each pixel's neighbourhood, the halving one does its old work.
   */
  private void growEncoder(Map<String, NDArray> weights, int width) {
    NDArray old = single(weights, ENCODER_IN + ".weight");
    NDArray bias = single(weights, ENCODER_IN + ".bias");
    Shape kernel = old.getShape();
    float[] gather = normal(kernel, 1).toFloatArray();
    for (int i = 0; i < NEIGHBOURHOOD * NEIGHBOURHOOD; i++) {
      gather[i] = i % NEIGHBOURHOOD == i / NEIGHBOURHOOD % 3 * 9 + i / NEIGHBOURHOOD / 3 ? 1 : 0;
    }
    weights.put(ENCODER_IN + ".weight", manager.create(gather, kernel));
    weights.put(ENCODER_IN + ".bias", manager.zeros(new Shape(width)));
    String block = "encoder.down_blocks.0.";
    for (int i = 0;
        weights.containsKey("encoder.down_blocks.1.resnets." + i + ".conv1.weight");
        i++) {
      passThrough(weights, block + "resnets." + i, width);
    }
    weights.put(block + "downsamplers.0.conv.weight", halving(old.toFloatArray(), width));
    weights.put(block + "downsamplers.0.conv.bias", bias);
  }

  private NDArray halving(float[] old, int width) {
    float[] kernel = new float[width * width * TAPS * TAPS];
    for (int i = 0; i < old.length; i++) {
      int out = i / NEIGHBOURHOOD;
      int colour = i / (TAPS * TAPS) % 3;
      int[][] rows = REACHED[i / TAPS % TAPS];
      int[][] columns = REACHED[i % TAPS];
      for (int[] row : rows) {
        for (int[] column : columns) {
          int channel = (row[1] * TAPS + column[1]) * 3 + colour;
          int at = ((out * width + channel) * TAPS + row[0]) * TAPS + column[0];
          kernel[at] += old[i] / (rows.length * columns.length);
        }
      }
    }
    return manager.create(kernel, new Shape(width, width, TAPS, TAPS));
  }

  /** What was the last stage doubles once more; behind it stands one that passes through. */
  private void growDecoder(Map<String, NDArray> weights, int width, int levels, int layers) {
    float[] same = new float[width * width * TAPS * TAPS];
    for (int i = 0; i < width; i++) {
      same[(i * width + i) * TAPS * TAPS + TAPS * TAPS / 2] = 1;
    }
    String upsampler = "decoder.up_blocks." + (levels - 1) + ".upsamplers.0.conv";
    weights.put(upsampler + ".weight", manager.create(same, new Shape(width, width, TAPS, TAPS)));
    weights.put(upsampler + ".bias", manager.zeros(new Shape(width)));
    for (int i = 0; i <= layers; i++) {
      passThrough(weights, "decoder.up_blocks." + levels + ".resnets." + i, width);
    }
    NDArray spread = manager.create(SPREAD);
    NDArray columns = single(weights, DECODER_OUT).matMul(spread);
    weights.put(DECODER_OUT, columns.swapAxes(2, 3).matMul(spread).swapAxes(2, 3));
  }

  private void passThrough(Map<String, NDArray> weights, String resnet, int width) {
    Shape kernel = new Shape(width, width, TAPS, TAPS);
    for (int i = 1; i <= 2; i++) {
      weights.put(resnet + ".norm" + i + ".weight", manager.ones(new Shape(width)));
      weights.put(resnet + ".norm" + i + ".bias", manager.zeros(new Shape(width)));
      weights.put(resnet + ".conv" + i + ".bias", manager.zeros(new Shape(width)));
    }
    weights.put(resnet + ".conv1.weight", normal(kernel, 1));
    weights.put(resnet + ".conv2.weight", manager.zeros(kernel));
  }

  private NDArray normal(Shape shape, double gain) {
    double fanIn = (double) shape.size() / shape.get(0);
    return manager.randomNormal(0, (float) (gain / Math.sqrt(fanIn)), shape, DataType.FLOAT32);
  }

  private static NDArray single(Map<String, NDArray> weights, String name) {
    NDArray array = weights.get(name);
    if (array == null) {
      throw new IllegalArgumentException("the model to grow has no " + name);
    }
    return array.toType(DataType.FLOAT32, true);
  }

  private Map<String, NDArray> weights(String name) throws IOException {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    try (TensorFile file = TensorFile.open(from.resolve(name))) {
      for (String tensor : file.names()) {
        weights.put(tensor, file.readStored(tensor, manager));
      }
    }
    return weights;
  }

  private ObjectNode read(String file) throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(from.resolve(file).toFile());
  }

  private void write(String file, Object config) throws IOException {
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(to.resolve(file).toFile(), config);
  }
}
