package io.smartedit.training.paper;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.Assembler;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.pipeline.Slot;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.scheduler.NoiseSource;
import io.smartedit.editor.scheduler.Schedule;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.training.BatchEncoder;
import io.smartedit.training.Criteria;
import io.smartedit.training.DiffusionTask;
import io.smartedit.training.Images;
import io.smartedit.training.Losses;
import io.smartedit.training.Noise;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.Stage;
import io.smartedit.training.data.Example;
import io.smartedit.training.data.Mixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The paper's second and third stage: language loss on what the assistant says, diffusion loss on
 * what is painted.
 *
 * <p>Learned are the Q-Former, the UNet, the rows of the added tokens, the LLM's adapters where the
 * model has some, and in the third stage the interaction module. Vision encoder, projector,
 * autoencoder, the LLM's own weights and the old rows stay.
 */
public final class PaperStage implements Stage {

  private static final long DRAWS = 31;
  private static final int SHOWN = 6;
  private static final int MOST_DRAWN = 100;
  private static final int SHEET_STEPS = 20;

  private final Settings settings;
  private final Mixture examples;
  private final Setup setup;
  private final CachedTensorFiles files;
  private final NetLoader nets;
  private final VisionEncoder vision;
  private final QFormer qformer;
  private final Interaction interaction;
  private final DiffusionTask task;
  private final LlamaTokenizer tokenizer;
  private final Lessons lessons;
  private final FrozenTokenRows oldRows;

  /**
   * How it is trained.
   *
   * @param interaction whether the interaction module takes part: the third stage
   * @param side of the images that are painted, in pixels; the paper's is 256
   * @param precision of the UNet's activations
   */
  public record Settings(boolean interaction, int side, Precision precision) {
    private static final int CELL = 8;

    public Settings {
      if (side < CELL || side % CELL != 0) {
        throw new IllegalArgumentException("side " + side + " is no multiple of " + CELL);
      }
    }

    String stage() {
      return interaction ? "stage-3" : "stage-2";
    }

    Variant variant() {
      return interaction ? Variant.SMARTEDIT : Variant.NO_INTERACTION;
    }
  }

  /**
   * Opens a model folder; the trained weights are written back into it.
   *
   * @throws IOException if a part cannot be read
   */
  public PaperStage(Path root, Mixture examples, Plan plan, Settings settings) throws IOException {
    this.settings = settings;
    this.examples = examples;
    ModelFolder folder = ModelFolder.open(root);
    refuseShards(folder);
    setup = new Setup(settings.stage(), plan, (file, name) -> isTrained(folder, file, name));
    NDManager weights = setup.weights();
    files = new CachedTensorFiles(setup.parameters());
    nets = new NetLoader(folder, files);
    vision = nets.vision(weights, Precision.FP32);
    qformer = nets.qformer(weights);
    interaction = nets.interaction(weights, settings.variant());
    task =
        new DiffusionTask(
            nets.unet(weights, settings.variant(), settings.precision()),
            nets.autoencoder(weights, settings.precision()),
            new Assembler(folder).nullText(weights),
            nets.schedule(),
            nets.prediction(),
            settings.precision());
    Llama llama = nets.llama(weights, Precision.FP32);
    tokenizer = nets.tokenizer(llama);
    lessons = new Lessons(tokenizer, settings.side());
    oldRows = new FrozenTokenRows(llama.tokens().weight(), weights);
    examples.require(Example.WithImage.class, name());
  }

  /** A list of shards cannot be written back. */
  static void refuseShards(ModelFolder folder) throws IOException {
    Path llm = folder.llm().orElse(folder.root());
    if (llm.toString().endsWith(".index.json")) {
      throw new IOException(llm + ": training needs the LLM in one file, not in shards");
    }
  }

  private boolean isTrained(ModelFolder folder, Path file, String name) {
    if (folder.llm().filter(file::equals).isPresent()) {
      return name.contains(".lora_") || name.endsWith("embed_tokens.weight");
    }
    if (folder.interaction().filter(file::equals).isPresent()) {
      return settings.interaction() && !name.contains("gaussian_matrix");
    }
    boolean summary = folder.qformer().filter(file::equals).isPresent();
    return (summary && !name.startsWith("mm_projector"))
        || folder.unet().filter(file::equals).isPresent();
  }

  @Override
  public Setup setup() {
    return setup;
  }

  @Override
  public NDArray loss(NDManager manager, long step, Losses parts) {
    SplittableRandom random = new SplittableRandom(DRAWS * step + 1);
    List<Lesson> batch = batch(random);
    Understood understood = understand(manager, batch);
    parts.add("language", 1, language(manager, understood, batch));
    List<Integer> painted = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).target().isPresent()) {
        painted.add(i);
      }
    }
    if (!painted.isEmpty()) {
      List<Lesson> own = painted.stream().map(batch::get).toList();
      Understood part = own.size() == batch.size() ? understood : understood.only(manager, painted);
      parts.add("diffusion", 1, diffusion(step, own, part, random));
    }
    return parts.sum(manager);
  }

  /**
   * What was read.
   *
   * @param hidden states of all tokens, {@code [B, T, C]}
   * @param states at the image tokens, where there are such
   * @param features of the vision encoder
   */
  private record Understood(Llama llama, NDArray hidden, NDArray states, NDArray features) {

    Understood only(NDManager manager, List<Integer> rows) {
      long[] index = rows.stream().mapToLong(Integer::longValue).toArray();
      NDArray chosen = manager.create(index, new Shape(1, index.length));
      return new Understood(llama, hidden, rows(chosen, states), rows(chosen, features));
    }

    private static NDArray rows(NDArray index, NDArray array) {
      Shape shape = array.getShape();
      return Ops.rows(index, array.reshape(shape.get(0), -1))
          .reshape(-1, shape.get(1), shape.get(2));
    }
  }

  private Understood understand(NDManager manager, List<Lesson> batch) {
    int[][] ids = batch.stream().map(lesson -> lesson.text().ids()).toArray(int[][]::new);
    // Adapters are merged while the LLM is put together, and that is part of the graph.
    Llama llama = nets.llama(manager, Precision.FP32);
    Linear projector = nets.projector(manager, llama, Precision.FP32);
    List<Image> images = batch.stream().map(Lesson::image).toList();
    NDArray features = vision.forward(Images.forClip(manager, images, vision.imageSize()));
    BatchEncoder reader = new BatchEncoder(projector, llama, tokenizer.idOf("<img_0>"));
    NDArray hidden = reader.hidden(features, ids);
    NDArray states = BatchEncoder.imageStates(hidden, ids, Lessons.AFTER_IMAGE_TOKENS);
    return new Understood(llama, hidden, states, features);
  }

  private Lesson lesson(SplittableRandom random) throws IOException {
    return lessons.of((Example.WithImage) examples.draw(random), random);
  }

  private List<Lesson> batch(SplittableRandom random) {
    List<Lesson> batch = new ArrayList<>();
    try {
      for (int i = 0; i < plan().batch(); i++) {
        batch.add(lesson(random));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    return batch;
  }

  private NDArray language(NDManager manager, Understood understood, List<Lesson> batch) {
    NDArray head = nets.head(manager, understood.llama(), Precision.FP32);
    return TokenizedConversation.loss(
        understood.hidden(), head, batch.stream().map(Lesson::text).toList());
  }

  private NDArray diffusion(
      long step, List<Lesson> batch, Understood understood, SplittableRandom random) {
    NDManager manager = understood.states().getManager();
    NDArray source = task.encode(manager, batch.stream().map(this::painted).toList());
    List<Image> targets = batch.stream().map(lesson -> lesson.target().orElseThrow()).toList();
    NDArray target = task.sample(manager, targets, step);
    Interaction.Modulation modulation =
        interaction.forward(
            qformer.forward(understood.states()), understood.features(), source, Tap.NONE);
    DiffusionTask.Draw draw =
        DiffusionTask.Draw.uniform(batch.size(), task.schedule().alphaBars(), random);
    DiffusionTask.Answer answer =
        task.ask(source, target, modulation, draw, Noise.of(manager, step, target.getShape()));
    return Criteria.squared(answer.predicted(), answer.wanted());
  }

  /** The source as the denoiser sees it. */
  private Image painted(Lesson lesson) {
    return Bicubic.resize(lesson.image(), settings.side(), settings.side());
  }

  /** Latents of nothing, for their size. */
  private NDArray latents(NDManager manager) {
    int side = settings.side() / task.autoencoder().config().factor();
    return manager.zeros(new Shape(1, 1, side, side));
  }

  @Override
  public void afterStep() {
    oldRows.restore();
  }

  /** Source, edit and target of a few examples. */
  @Override
  public void drawSamples(Path png) throws IOException {
    SplittableRandom random = new SplittableRandom(SHOWN);
    List<Lesson> batch = new ArrayList<>();
    for (int i = 0; i < MOST_DRAWN && batch.size() < SHOWN; i++) {
      Lesson lesson = lesson(random);
      if (lesson.target().isPresent()) {
        batch.add(lesson);
      }
    }
    if (batch.isEmpty()) {
      return;
    }
    SampleSheet sheet = new SampleSheet();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Understood understood = understand(manager, batch);
      Interaction.Modulation all =
          interaction.forward(
              qformer.forward(understood.states()),
              understood.features(),
              latents(manager),
              Tap.NONE);
      EditOptions usual = nets.options();
      Schedule steps =
          usual.sampler().schedule(task.schedule(), Math.min(SHEET_STEPS, usual.steps()));
      for (int i = 0; i < batch.size(); i++) {
        Image source = painted(batch.get(i));
        Slot.Plan slot = new Slot.Plan(steps, usual.guidance(), NoiseSource.seeded(i));
        Image edited = task.edit(setup.weights(), source, all, i, slot);
        sheet.add("", source, edited, batch.get(i).target().orElseThrow());
      }
    }
    sheet.write(png);
  }

  @Override
  public void close() {
    tokenizer.close();
    files.close();
    setup.close();
  }
}
