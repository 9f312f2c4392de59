package io.smartedit.editor.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where the parts of a model lie in a folder as users have them: the four SmartEdit archives, a
 * tokenizer, a CLIP folder and an InstructPix2Pix folder, at any depth up to four and under any
 * folder names above {@code LLM-N}, {@code unet-N} and {@code modulate-N}.
 *
 * <p>Where several steps N of one part lie side by side the highest is taken; the same part in two
 * places is refused.
 */
public final class ModelFolder {

  private static final int MAX_DEPTH = 4;
  private static final int MAX_ENTRIES = 20_000;
  private static final Pattern STEP = Pattern.compile("(\\d+)");
  private static final List<String> WEIGHT_NAMES =
      List.of(
          "model.safetensors.index.json",
          "pytorch_model.bin.index.json",
          "adapter_model.safetensors",
          "model.safetensors",
          "diffusion_pytorch_model.safetensors",
          "adapter_model.bin",
          "pytorch_model.bin",
          "diffusion_pytorch_model.bin");

  private final Path root;
  private final List<Path> entries;

  private ModelFolder(Path root, List<Path> entries) {
    this.root = root;
    this.entries = entries;
  }

  /**
   * Lists a folder.
   *
   * @throws CheckpointException if it is no folder or has more than 20,000 entries
   */
  public static ModelFolder open(Path root) {
    if (!Files.isDirectory(root)) {
      throw new CheckpointException(root + ": not a folder");
    }
    try (Stream<Path> walk = Files.walk(root, MAX_DEPTH)) {
      List<Path> entries = walk.limit(MAX_ENTRIES + 1L).sorted().toList();
      if (entries.size() > MAX_ENTRIES) {
        throw new CheckpointException(
            root + ": more than " + MAX_ENTRIES + " files; name the model's own folder");
      }
      return new ModelFolder(root, entries);
    } catch (IOException e) {
      throw new CheckpointException(root + ": cannot be listed", e);
    }
  }

  public Path root() {
    return root;
  }

  /** The LLM's weights: a file or an index of shards. */
  public Optional<Path> llm() {
    return newest("LLM-\\d+", "LLM").flatMap(ModelFolder::weights);
  }

  /** Q-Former, queries, projector and output head. */
  public Optional<Path> qformer() {
    List<Path> files =
        matching(".*embeddings_qformer.*\\.(bin|safetensors)").stream()
            .filter(Files::isRegularFile)
            .toList();
    return single(files, "Q-Former file");
  }

  /** SmartEdit's UNet. */
  public Optional<Path> unet() {
    return newest("unet-\\d+", "SmartEdit UNet").flatMap(ModelFolder::weights);
  }

  /** The interaction module. */
  public Optional<Path> interaction() {
    return newest("modulate-\\d+", "interaction module").flatMap(ModelFolder::weights);
  }

  /** LoRA's settings. */
  public Optional<Path> adapterConfig() {
    return matching("adapter_config\\.json").stream().findFirst();
  }

  /** LLaMA's SentencePiece model. */
  public Optional<Path> tokenizer() {
    List<Path> models = matching("tokenizer\\.model");
    // Copies of one tokenizer are common; which is taken does not matter.
    return models.stream().findFirst();
  }

  /** The folder of the CLIP vision encoder. */
  public Optional<Path> clip() {
    Optional<Path> diffusion = diffusion();
    List<Path> folders = new ArrayList<>();
    for (Path config : matching("config\\.json")) {
      boolean elsewhere = diffusion.map(config::startsWith).orElse(false);
      String type = elsewhere ? "" : ConfigFile.read(config).text("model_type", "");
      if (type.equals("clip") || type.equals("clip_vision_model")) {
        folders.add(parent(config));
      }
    }
    return single(folders, "CLIP folder");
  }

  /** The InstructPix2Pix folder: vae, text_encoder, unet, scheduler. */
  public Optional<Path> diffusion() {
    List<Path> folders =
        matching("vae").stream()
            .filter(Files::isDirectory)
            .map(ModelFolder::parent)
            .filter(folder -> Files.isDirectory(folder.resolve("text_encoder")))
            .toList();
    return single(folders, "InstructPix2Pix folder");
  }

  /** The root's own {@code config.json}: head counts that no tensor tells. */
  public ConfigFile descriptor() {
    return ConfigFile.read(root.resolve("config.json"));
  }

  /** The weights in a folder: a known name, else its only weight file. */
  public static Optional<Path> weights(Path folder) {
    for (String name : WEIGHT_NAMES) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** The training step in a file or folder name, 0 where there is none. */
  static long step(Path path) {
    Matcher matcher = STEP.matcher(String.valueOf(path.getFileName()));
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private Optional<Path> newest(String pattern, String what) {
    return single(matching(pattern).stream().filter(Files::isDirectory).toList(), what);
  }

  private Optional<Path> single(List<Path> candidates, String what) {
    List<Path> parents = candidates.stream().map(ModelFolder::parent).distinct().toList();
    if (parents.size() > 1) {
      throw new CheckpointException(
          root
              + ": more than one "
              + what
              + ": "
              + candidates.get(0)
              + " and "
              + candidates.get(candidates.size() - 1)
              + "; keep one, or name a smaller folder");
    }
    return candidates.stream().max((a, b) -> Long.compare(step(a), step(b)));
  }

  private List<Path> matching(String pattern) {
    Pattern compiled = Pattern.compile(pattern);
    return entries.stream()
        .filter(path -> compiled.matcher(String.valueOf(path.getFileName())).matches())
        .toList();
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }
}
