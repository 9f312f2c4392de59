package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFiles;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.llama.LlamaConfig;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.nn.WeightsException;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Examines a model folder part by part, by the same {@code load} that running uses, without reading
 * a weight.
 */
public final class Doctor {

  private final ModelFolder folder;
  private final ModelConfigs configs;
  private final Variant variant;
  private final List<Part> parts = new ArrayList<>();

  private Doctor(ModelFolder folder, Variant variant) {
    this.folder = folder;
    this.configs = new ModelConfigs(folder);
    this.variant = variant;
  }

  /** Which weights lie in memory together. */
  public enum Side {
    READER,
    PAINTER
  }

  /**
   * What was found of one part.
   *
   * @param file none where it was not found
   * @param tensors in the file
   * @param stored number formats in the file with their count of tensors, for people
   * @param parameters numbers in the file
   * @param problems one line each; none means that it can be loaded
   */
  public record Part(
      String name,
      Side side,
      @Nullable Path file,
      int tensors,
      String stored,
      long parameters,
      List<String> problems) {}

  /** All parts that the variant needs. */
  public record Report(Path root, Variant variant, List<Part> parts) {

    /** Whether the model can run. */
    public boolean canRun() {
      return parts.stream().allMatch(part -> part.problems().isEmpty());
    }

    /** Bytes the weights of one side take. */
    public long bytes(Side side, Precision precision) {
      return parts.stream()
          .filter(part -> part.side() == side)
          .mapToLong(part -> part.parameters() * precision.bytes())
          .sum();
    }
  }

  /** Examines everything that a variant needs; never stops at the first problem. */
  public static Report examine(Path root, Variant variant) {
    Doctor doctor = new Doctor(ModelFolder.open(root), variant);
    doctor.examineAll();
    return new Report(root, variant, List.copyOf(doctor.parts));
  }

  private void examineAll() {
    boolean baseline = variant == Variant.INSTRUCT_PIX2PIX;
    if (!baseline) {
      examineReader();
    }
    part(
        "text encoder",
        Side.PAINTER,
        () -> ModelParts.inDiffusion(folder, "text_encoder"),
        source -> source,
        weights ->
            TextEncoder.load(
                weights, configs.text(), configs.textVocabulary(), configs.textLength()));
    part(
        "UNet",
        Side.PAINTER,
        () -> baseline ? ModelParts.baselineUnet(folder) : ModelParts.unet(folder),
        ModelParts::unprefixed,
        weights -> UNet.load(weights, configs.unet()));
    part(
        "autoencoder",
        Side.PAINTER,
        () -> ModelParts.inDiffusion(folder, "vae"),
        source -> source,
        weights -> Autoencoder.load(weights, configs.vae()));
  }

  private void examineReader() {
    part(
        "vision encoder",
        Side.READER,
        () -> ModelParts.clip(folder),
        source -> source,
        weights ->
            VisionEncoder.load(
                weights, configs.vision(), configs.visionSize(), configs.visionPatch()));
    part(
        "LLM",
        Side.READER,
        () -> ModelParts.llm(folder),
        source -> ModelParts.llmSource(source, folder),
        this::llama);
    part(
        "Q-Former",
        Side.READER,
        () -> ModelParts.qformer(folder),
        source -> source,
        weights -> {
          QFormer.load(weights, configs.qformer(weights.source()));
          Linear.load(
              weights.at("mm_projector"),
              configs.vision().width(),
              configs.qformer(weights.source()).encoderWidth());
          ModelParts.ignoreBesideQFormer(weights);
        });
    if (variant != Variant.NO_INTERACTION) {
      part(
          "interaction module",
          Side.READER,
          () -> ModelParts.interaction(folder),
          source -> source,
          weights ->
              ModelParts.interaction(
                  weights, configs.interaction(weights.source(), variant), variant));
    }
    examineTokenizer();
  }

  private void llama(Weights weights) {
    LlamaConfig config = configs.llama(weights.source());
    Llama.load(weights, config);
    weights.ignore(name -> name.equals("lm_head.weight"));
  }

  private void part(
      String name,
      Side side,
      Supplier<Path> find,
      UnaryOperator<TensorSource> wrap,
      Consumer<Weights> load) {
    Path path = null;
    try {
      path = find.get();
      try (TensorFiles file = TensorFiles.open(path);
          NDManager manager = NDManager.newBaseManager("PyTorch")) {
        TensorSource source = wrap.apply(file);
        List<String> problems = new ArrayList<>();
        Weights weights = Weights.survey(source, manager);
        try {
          load.accept(weights);
          weights.unread().forEach(tensor -> problems.add("unexpected tensor " + tensor));
        } catch (CheckpointException | WeightsException e) {
          problems.add(String.valueOf(e.getMessage()));
        }
        problems.addAll(0, weights.problems());
        parts.add(
            new Part(
                name,
                side,
                path,
                file.names().size(),
                stored(file),
                parameters(source),
                List.copyOf(problems)));
      }
    } catch (CheckpointException e) {
      parts.add(new Part(name, side, path, 0, "-", 0, List.of(String.valueOf(e.getMessage()))));
    }
  }

  private void examineTokenizer() {
    Path path = folder.tokenizer().orElse(null);
    List<String> problems = new ArrayList<>();
    try (LlamaTokenizer tokenizer = LlamaTokenizer.load(ModelParts.tokenizer(folder), 1)) {
      tokenizer.encode("a");
    } catch (CheckpointException | IOException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    parts.add(new Part("tokenizer", Side.READER, path, 0, "-", 0, problems));
  }

  private static String stored(TensorSource source) {
    Map<DataType, Integer> counts = new TreeMap<>();
    source.names().forEach(name -> counts.merge(source.dataType(name), 1, Integer::sum));
    return counts.entrySet().stream()
        .map(entry -> entry.getKey().toString().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static long parameters(TensorSource source) {
    return source.names().stream().mapToLong(name -> source.shape(name).size()).sum();
  }
}
