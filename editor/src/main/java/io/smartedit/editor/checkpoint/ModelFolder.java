package io.smartedit.editor.checkpoint;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the parts of a model lie in a folder as users have them: the four SmartEdit archives, a
 * tokenizer, a CLIP folder and an InstructPix2Pix folder, at any depth up to six and under any
 * folder names above {@code LLM-N}, {@code unet-N} and {@code modulate-N}.
 *
 * <p>Where several steps N of one part lie side by side the highest is taken; the same part in two
 * places is refused.
 */
public final class ModelFolder {

  private static final int MAX_DEPTH = 6;
  private static final int MAX_ENTRIES = 20_000;
  private static final Pattern STEP = Pattern.compile("(\\d+)");
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
    try {
      Listing listing = new Listing(root);
      Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), MAX_DEPTH, listing);
      if (listing.entries.size() > MAX_ENTRIES) {
        throw new CheckpointException(
            root + ": more than " + MAX_ENTRIES + " files; name the model's own folder");
      }
      return new ModelFolder(root, listing.entries.stream().sorted().toList());
    } catch (IOException e) {
      throw new CheckpointException(root + ": cannot be listed", e);
    }
  }

  /**
   * Everything but what the system and downloaders keep beside files: hidden ones, and macOS's
   * copies. Links are followed; those that go in a circle or nowhere are passed over.
   */
  private static final class Listing extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<Path> entries = new ArrayList<>();

    private Listing(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return folder.equals(root) || !isCompanion(folder)
          ? visitFile(folder, attributes)
          : FileVisitResult.SKIP_SUBTREE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (file.equals(root) || !isCompanion(file)) {
        entries.add(file);
      }
      return entries.size() > MAX_ENTRIES ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }

  private static boolean isCompanion(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(".") || name.equals("__MACOSX");
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

  /** The weights in a folder: a file or an index of shards by a known name, else its only one. */
  public static Optional<Path> weights(Path folder) {
    return WeightFile.in(folder);
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
    List<Path> places = candidates.stream().map(ModelFolder::place).distinct().toList();
    if (places.stream().map(ModelFolder::parent).distinct().count() > 1) {
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

  /** Where links lead: one folder under two names is one. */
  private static Path place(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path;
    }
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }
}
