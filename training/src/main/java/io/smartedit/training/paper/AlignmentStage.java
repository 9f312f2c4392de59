package io.smartedit.training.paper;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.text.ClipTokenizer;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.training.BatchEncoder;
import io.smartedit.training.Criteria;
import io.smartedit.training.Losses;
import io.smartedit.training.Stage;
import io.smartedit.training.data.Example;
import io.smartedit.training.data.Mixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The paper's first stage: from a caption alone, the LLM learns to say the image tokens, and the
 * Q-Former to turn their states into what CLIP's text encoder makes of the caption.
 *
 * <p>Learned are the Q-Former with its queries and the added tokens' rows of the embedding and of
 * the head; all else stays.
 */
public final class AlignmentStage implements Stage {

  static final String NAME = "stage-1";

  private static final long DRAWS = 37;

  private final Mixture captions;
  private final Setup setup;
  private final Llama llama;
  private final NDArray head;
  private final QFormer qformer;
  private final TextEncoder textEncoder;
  private final LlamaTokenizer tokenizer;
  private final ClipTokenizer textTokenizer;
  private final Lessons lessons;
  private final List<FrozenTokenRows> oldRows;

  /**
   * Opens a model folder; the trained weights are written back into it.
   *
   * @throws IOException if a part cannot be read
   * @throws IllegalArgumentException if an example is no caption, or CLIP's states have another
   *     shape than the Q-Former's queries
   */
  public AlignmentStage(Path root, Mixture captions, Plan plan) throws IOException {
    this.captions = captions;
    ModelFolder folder = ModelFolder.open(root);
    PaperStage.refuseShards(folder);
    setup = new Setup(NAME, plan, (file, name) -> isTrained(folder, file, name));
    captions.require(Example.Caption.class, name());
    NDManager weights = setup.weights();
    NetLoader nets = new NetLoader(folder, setup.parameters());
    llama = nets.llama(weights, Precision.FP32);
    head = nets.head(weights, llama, Precision.FP32);
    qformer = nets.qformer(weights);
    textEncoder = nets.textEncoder(weights);
    textTokenizer = nets.textTokenizer(textEncoder);
    requireAlike();
    tokenizer = nets.tokenizer(llama);
    lessons = new Lessons(tokenizer, nets.options().size());
    oldRows =
        List.of(
            new FrozenTokenRows(llama.tokens().weight(), weights),
            new FrozenTokenRows(head, weights));
  }

  private void requireAlike() {
    try (NDManager manager = setup.weights().newSubManager()) {
      Shape wanted = wanted(manager, List.of(new Example.Caption(""))).getShape();
      Shape queries = qformer.queries().getShape();
      if (!wanted.equals(queries)) {
        throw new IllegalArgumentException(
            "CLIP's text states are %s, the Q-Former's queries %s".formatted(wanted, queries));
      }
    }
  }

  private static boolean isTrained(ModelFolder folder, Path file, String name) {
    return folder.llm().filter(file::equals).isPresent()
        ? name.endsWith("embed_tokens.weight")
        : folder.qformer().filter(file::equals).isPresent() && !name.startsWith("mm_projector");
  }

  @Override
  public Setup setup() {
    return setup;
  }

  @Override
  public NDArray loss(NDManager manager, long step, Losses parts) {
    SplittableRandom random = new SplittableRandom(DRAWS * step + 1);
    List<Example.Caption> batch = new ArrayList<>();
    List<TokenizedConversation> spoken = new ArrayList<>();
    try {
      for (int i = 0; i < plan().batch(); i++) {
        batch.add((Example.Caption) captions.draw(random));
        spoken.add(lessons.caption(batch.get(i)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    int[][] ids = spoken.stream().map(TokenizedConversation::ids).toArray(int[][]::new);
    NDArray hidden = BatchEncoder.hidden(manager, llama, ids);
    parts.add("language", 1, TokenizedConversation.loss(hidden, head, spoken));
    NDArray states = BatchEncoder.imageStates(hidden, ids, Lessons.AFTER_IMAGE_TOKENS);
    parts.add("alignment", 1, Criteria.squared(qformer.forward(states), wanted(manager, batch)));
    return parts.sum(manager);
  }

  /** CLIP's states of captions, {@code [B, T, C]}. */
  private NDArray wanted(NDManager manager, List<Example.Caption> batch) {
    long[] ids =
        batch.stream()
            .flatMapToLong(caption -> Arrays.stream(textTokenizer.encode(caption.text())))
            .toArray();
    return textEncoder.forward(manager.create(ids, new Shape(batch.size(), textEncoder.length())));
  }

  @Override
  public void afterStep() {
    oldRows.forEach(FrozenTokenRows::restore);
  }

  /** There is nothing to see yet. */
  @Override
  public void drawSamples(Path png) {}

  @Override
  public void close() {
    tokenizer.close();
    textTokenizer.close();
    setup.close();
  }
}
