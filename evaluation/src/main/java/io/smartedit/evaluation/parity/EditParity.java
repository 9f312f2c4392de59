package io.smartedit.evaluation.parity;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ConfigFile;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.Assembler;
import io.smartedit.editor.pipeline.Condition;
import io.smartedit.editor.pipeline.Denoiser;
import io.smartedit.editor.pipeline.Slot;
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
public final class EditParity {

  /** Of tensors before denoising and of the UNet, relative to the largest value. */
  public static final double TOLERANCE = 1e-4;

  /** Latents amplify: guidance multiplies the difference of two predictions at every step. */
  private static final double LATENT_FACTOR = 10;

  private static final double IMAGE_TOLERANCE = 2;

  private final Path folder;
  private final double tolerance;
  private final List<Comparison> comparisons = new ArrayList<>();

  private EditParity(Path folder, double tolerance) {
    this.folder = folder;
    this.tolerance = tolerance;
  }

  /**
   * Runs the edit and compares every golden tensor and the image.
   *
   * @param tolerance as {@link #TOLERANCE}; latents are allowed ten times as much
   * @throws CheckpointException if the folder lacks something
   */
  public static List<Comparison> run(Path folder, double tolerance) {
    try {
      return new EditParity(folder, tolerance).compare();
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private List<Comparison> compare() throws IOException {
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
    Map<String, float[]> seen = new HashMap<>();
    try (TensorFile golden = TensorFile.open(folder.resolve("golden.safetensors"));
        NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NoiseSource noise = noise(floats(golden.readStored("noise", manager)));
      Image edited = edit(request, noise, seen);
      Assembler assembler = new Assembler(ModelFolder.open(folder));
      schedule(assembler, options.steps(), seen);
      text(assembler, golden.readStored("baseline.input_ids", manager), seen);
      withoutFeature(assembler, request, noise, golden.shape("condition.text"), seen);
      for (String name : golden.names()) {
        if (!name.equals("noise") && !name.equals("baseline.input_ids")) {
          NDArray expected = golden.readStored(name, manager);
          compare(name, golden.shape(name), floats(expected), seen.get(name));
        }
      }
      compareImages(edited, image("edited.png"));
    }
    return List.copyOf(comparisons);
  }

  private static NoiseSource noise(float[] values) {
    return (index, count) -> Arrays.copyOfRange(values, index * count, (index + 1) * count);
  }

  /** Runs the edit with the golden noise and keeps every tensor it shows. */
  private Image edit(EditRequest request, NoiseSource noise, Map<String, float[]> seen) {
    Tap tap = (name, tensor) -> seen.putIfAbsent(name, floats(tensor));
    try (SmartEdit editor = SmartEdit.open(folder, SmartEdit.Settings.DEFAULT);
        SmartEdit.Edit edit = editor.begin(request, noise, EditObserver.NONE, tap)) {
      while (!edit.isDone()) {
        editor.step(List.of(edit));
      }
      return editor.finish(edit).image();
    }
  }

  private static void schedule(Assembler assembler, int steps, Map<String, float[]> seen) {
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
  }

  /** The text encoder by itself, of ids that the reference names. */
  private static void text(Assembler assembler, NDArray ids, Map<String, float[]> seen) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      seen.put("null.input_ids", floats(manager.create(assembler.nullIds())));
      NDArray states = assembler.textEncoder(manager).forward(ids.toType(DataType.INT64, false));
      seen.put("baseline.text", floats(states));
    }
  }

  /** The UNet's first answer with the interaction's feature left out. */
  private static void withoutFeature(
      Assembler assembler,
      EditRequest request,
      NoiseSource noise,
      Shape text,
      Map<String, float[]> seen) {
    float[] states = seen.get("condition.text");
    if (states == null) {
      throw new IllegalStateException("edit showed no condition.text");
    }
    EditOptions options = request.options();
    Tap tap =
        (name, tensor) -> {
          if (name.equals("unet.out")) {
            seen.putIfAbsent("unet.out_without_feature", floats(tensor));
          }
        };
    try (Denoiser denoiser = assembler.denoiser(Variant.SMARTEDIT, Placement.CPU)) {
      NDManager manager = denoiser.newRequest();
      Condition condition = new Condition(manager.create(states, text), null);
      Schedule schedule = options.sampler().schedule(assembler.schedule(), options.steps());
      Slot.Plan plan = new Slot.Plan(schedule, options.guidance(), noise);
      Image source = Bicubic.resize(request.source().view(), options.size(), options.size());
      try (Slot slot = denoiser.open(manager, source, condition, plan, tap)) {
        denoiser.step(List.of(slot));
      }
    }
  }

  private void compare(String name, Shape shape, float[] expected, float @Nullable [] actual) {
    if (actual == null || actual.length != expected.length) {
      comparisons.add(new Comparison(name, shape, Double.NaN, Double.NaN, tolerance));
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
    comparisons.add(
        new Comparison(name, shape, largest / unit, sum / expected.length / unit, allowed));
  }

  private void compareImages(Image actual, Image expected) {
    Shape shape = new Shape(expected.height(), expected.width(), 3);
    if (actual.width() != expected.width() || actual.height() != expected.height()) {
      comparisons.add(new Comparison("edited.png", shape, Double.NaN, Double.NaN, IMAGE_TOLERANCE));
      return;
    }
    double largest = 0;
    double sum = 0;
    for (int i = 0; i < expected.rgb().length; i++) {
      double difference = Math.abs((expected.rgb()[i] & 0xFF) - (actual.rgb()[i] & 0xFF));
      largest = Math.max(largest, difference);
      sum += difference;
    }
    comparisons.add(
        new Comparison("edited.png", shape, largest, sum / expected.rgb().length, IMAGE_TOLERANCE));
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
