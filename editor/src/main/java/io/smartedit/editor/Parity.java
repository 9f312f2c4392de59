package io.smartedit.editor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ConfigFile;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.pipeline.Assembler;
import io.smartedit.editor.scheduler.NoiseSource;
import io.smartedit.editor.scheduler.Sampler;
import io.smartedit.editor.scheduler.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares the pipeline with tensors that a reference printed.
 *
 * <p>The folder holds a model, {@code config.json} (instruction, size, steps), {@code source.png},
 * {@code edited.png} and {@code golden.safetensors} with the tensors of one edit by the names of
 * {@link Tap}, its noise among them. The edit is run as in production, in single precision.
 */
public final class Parity {

  /** Of tensors before denoising and of the UNet, relative to the largest value. */
  public static final double TOLERANCE = 1e-4;

  /** Latents amplify: guidance multiplies the difference of two predictions at every step. */
  private static final double LATENT_FACTOR = 10;

  private static final double PICTURE_TOLERANCE = 2;

  private final Path folder;
  private final double tolerance;
  private final List<Line> lines = new ArrayList<>();

  private Parity(Path folder, double tolerance) {
    this.folder = folder;
    this.tolerance = tolerance;
  }

  /**
   * One comparison.
   *
   * @param largest difference, relative to the reference's largest value (for the image and for
   *     whole numbers: absolute)
   * @param mean difference, likewise
   * @param allowed what {@code largest} may be
   */
  public record Line(String name, Shape shape, double largest, double mean, double allowed) {
    /** Whether the tensor is close enough; NaN never is. */
    public boolean passes() {
      return largest <= allowed;
    }
  }

  /**
   * Runs the edit and compares every golden tensor and the image.
   *
   * @param tolerance as {@link #TOLERANCE}; latents are allowed ten times as much
   * @throws CheckpointException if the folder lacks something
   */
  public static List<Line> run(Path folder, double tolerance) {
    try {
      return new Parity(folder, tolerance).compare();
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private List<Line> compare() throws IOException {
    ConfigFile config = ConfigFile.read(folder.resolve("config.json"));
    Image source = image("source.png");
    EditOptions options =
        new EditOptions(
            config.integer("steps", 100),
            Guidance.DEFAULT,
            0,
            config.integer("image", 256),
            EditOptions.Fit.SQUARE,
            false);
    EditRequest request = new EditRequest(source, config.text("instruction", ""), options);
    try (TensorFile golden = TensorFile.open(folder.resolve("golden.safetensors"));
        NDManager manager = NDManager.newBaseManager("PyTorch");
        SmartEdit editor = SmartEdit.open(folder, SmartEdit.Settings.DEFAULT)) {
      Map<String, float[]> seen = new HashMap<>();
      NDArray noise = golden.readStored("noise", manager);
      Image edited = edit(editor, request, floats(noise), seen);
      NDArray baselineIds = golden.readStored("baseline.input_ids", manager);
      beside(new Assembler(ModelFolder.open(folder)), options.steps(), baselineIds, seen);
      for (String name : golden.names()) {
        if (!name.equals("noise") && !name.equals("baseline.input_ids")) {
          NDArray expected = golden.readStored(name, manager);
          compare(name, golden.shape(name), floats(expected), seen.get(name));
        }
      }
      compareImages(edited, image("edited.png"));
    }
    return List.copyOf(lines);
  }

  /** Runs the edit with the golden noise and keeps every tensor it shows. */
  private Image edit(
      SmartEdit editor, EditRequest request, float[] noise, Map<String, float[]> seen) {
    Tap tap = (name, tensor) -> seen.putIfAbsent(name, floats(tensor));
    NoiseSource source =
        (index, count) -> Arrays.copyOfRange(noise, index * count, (index + 1) * count);
    try (SmartEdit.Edit edit = editor.begin(request, source, EditObserver.NONE, tap)) {
      tap.see("unet.out_without_feature", editor.denoiser().predictWithoutFeature(edit.slot));
      while (!edit.isDone()) {
        editor.step(List.of(edit));
      }
      return editor.finish(edit).image();
    }
  }

  /** What the edit itself does not show: the schedule, and the text encoder by itself. */
  private static void beside(
      Assembler assembler, int steps, NDArray baselineIds, Map<String, float[]> seen) {
    Schedule schedule = Sampler.EULER_ANCESTRAL.schedule(assembler.schedule(), steps);
    float[] timesteps = new float[steps];
    float[] sigmas = new float[steps + 1];
    for (int i = 0; i <= steps; i++) {
      sigmas[i] = (float) schedule.sigma(i);
      if (i < steps) {
        timesteps[i] = (float) schedule.timestep(i);
      }
    }
    seen.put("scheduler.timesteps", timesteps);
    seen.put("scheduler.sigmas", sigmas);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      seen.put("null.input_ids", floats(manager.create(assembler.nullIds())));
      NDArray ids = baselineIds.toType(DataType.INT64, false);
      seen.put("baseline.text", floats(assembler.textEncoder(manager).forward(ids)));
    }
  }

  private void compare(String name, Shape shape, float[] expected, float @Nullable [] actual) {
    if (actual == null || actual.length != expected.length) {
      lines.add(new Line(name, shape, Double.NaN, Double.NaN, tolerance));
      return;
    }
    double largestValue = 0;
    double largest = 0;
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) expected[i] - actual[i]);
      largestValue = Math.max(largestValue, Math.abs(expected[i]));
      largest = Double.isNaN(difference) ? difference : Math.max(largest, difference);
      sum += difference;
    }
    boolean whole = name.endsWith("_u8") || name.endsWith("_ids");
    double unit = whole || largestValue == 0 ? 1 : largestValue;
    boolean painted = name.startsWith("latents.") || name.equals("vae.decoded");
    double allowed = whole ? 0 : painted ? LATENT_FACTOR * tolerance : tolerance;
    lines.add(new Line(name, shape, largest / unit, sum / expected.length / unit, allowed));
  }

  private void compareImages(Image actual, Image expected) {
    Shape shape = new Shape(expected.height(), expected.width(), 3);
    if (actual.width() != expected.width() || actual.height() != expected.height()) {
      lines.add(new Line("edited.png", shape, Double.NaN, Double.NaN, PICTURE_TOLERANCE));
      return;
    }
    double largest = 0;
    double sum = 0;
    for (int i = 0; i < expected.rgb().length; i++) {
      double difference = Math.abs((expected.rgb()[i] & 0xFF) - (actual.rgb()[i] & 0xFF));
      largest = Math.max(largest, difference);
      sum += difference;
    }
    lines.add(
        new Line("edited.png", shape, largest, sum / expected.rgb().length, PICTURE_TOLERANCE));
  }

  private Image image(String name) throws IOException {
    return ImageCodec.decode(Files.readAllBytes(folder.resolve(name)), ImageLimits.DEFAULT);
  }

  private static float[] floats(NDArray tensor) {
    if (tensor.getDataType() == DataType.FLOAT32) {
      return tensor.toFloatArray(); // weights' managers are capped: no copy could be made
    }
    try (NDArray copy = tensor.toType(DataType.FLOAT32, true)) {
      return copy.toFloatArray();
    }
  }
}
