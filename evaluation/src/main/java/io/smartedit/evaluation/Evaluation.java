package io.smartedit.evaluation;

import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.composite.Composite;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.training.emoji.EmojiEdit.Backgrounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How well a model edits: every sample of a set is edited, judged, and reported.
 *
 * <p>Used from one thread. The same model, samples and options give the same numbers.
 */
public final class Evaluation implements AutoCloseable {

  private final SmartEdit editor;
  private final EditOptions options;
  private @Nullable Lpips lpips;
  private @Nullable ClipScore clip;
  private @Nullable Dino dino;

  /**
   * @param options whose fit is a square and which do not restore the source's size; the model's
   *     own images are judged, and composites beside them
   */
  public Evaluation(SmartEdit editor, EditOptions options) {
    if (options.fit() != EditOptions.Fit.SQUARE || options.restore()) {
      throw new IllegalArgumentException("edits are judged at the working size, on a square");
    }
    this.editor = editor;
    this.options = options;
  }

  /**
   * Images that training never saw, so many of each class.
   *
   * @param count of edits a class, at least 1
   */
  public static SampleSet emoji(int count) {
    return emoji(count, Backgrounds.PLAIN);
  }

  /** The same before other backgrounds. */
  public static SampleSet emoji(int count, Backgrounds backgrounds) {
    return EmojiSamples.heldOut(count, backgrounds);
  }

  /**
   * A folder laid out as Reason-Edit, or as MagicBrush where there is {@code edit_turns.json}.
   *
   * @throws IOException naming what the folder lacks
   */
  public static SampleSet folder(Path folder) throws IOException {
    return Files.exists(folder.resolve(MagicBrush.TURNS))
        ? MagicBrush.open(folder)
        : ReasonEdit.open(folder);
  }

  /**
   * Computes LPIPS too.
   *
   * @param file a safetensors file or torch archive with {@code features.*} of torchvision's
   *     squeezenet1_1 and {@code lin*.model.1.weight} of LPIPS
   * @throws io.smartedit.editor.checkpoint.CheckpointException if it is damaged
   * @throws io.smartedit.editor.nn.WeightsException naming a tensor that is missing
   */
  public void withLpips(Path file) {
    lpips = Lpips.load(file);
  }

  /**
   * Computes CLIP's score of what was edited, where it is described; without masks CLIP-I and
   * CLIP-T.
   *
   * @param folder of a CLIP model, as transformers has it; the paper's is clip-vit-large-patch14,
   *     MagicBrush's clip-vit-base-patch32
   * @throws IOException if its tokenizer cannot be read
   * @throws io.smartedit.editor.checkpoint.CheckpointException if something is missing or damaged
   */
  public void withClip(Path folder) throws IOException {
    clip = ClipScore.load(folder);
  }

  /**
   * Computes DINO-I too, where there are targets and no masks.
   *
   * @param file {@code dino_deitsmall16_pretrain.pth}, or safetensors of its tensors
   * @throws io.smartedit.editor.checkpoint.CheckpointException if it is damaged or something else
   * @throws io.smartedit.editor.nn.WeightsException naming a tensor that is missing
   */
  public void withDino(Path file) {
    dino = Dino.load(file);
  }

  /**
   * Edits, judges and writes {@code scores.json}, {@code edits.csv}, {@code index.html} and the
   * images into a folder.
   *
   * @param model its name in the report
   * @param done told after every edit how many there are
   */
  public Report run(SampleSet samples, String model, Path out, IntConsumer done)
      throws IOException {
    Report report = new Report(model, options, out);
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i, options.size());
      Image edited = sample.source();
      Image composite = sample.source();
      for (String instruction : sample.instructions()) {
        try (SmartEdit.Edit edit = done(new EditRequest(edited, instruction, options))) {
          edited = editor.decode(edit);
          composite = Composite.of(composite, edited, editor.roundTrip(edit), null).image();
        }
      }
      report.add(judged(sample, edited).withComposite(composite));
      done.accept(i + 1);
    }
    report.write();
    return report;
  }

  private SmartEdit.Edit done(EditRequest request) {
    SmartEdit.Edit edit = editor.begin(request, EditObserver.NONE);
    while (!edit.isDone()) {
      editor.step(List.of(edit));
    }
    return edit;
  }

  private Judged judged(Sample sample, Image edited) {
    Judged judged = Judged.of(sample, edited);
    if (lpips != null) {
      judged = judged.with(lpips);
    }
    if (clip != null) {
      judged = judged.with(clip);
    }
    if (dino != null) {
      judged = judged.with(dino);
    }
    return judged;
  }

  /** Frees what was loaded for metrics; the editor stays. */
  @Override
  public void close() {
    if (lpips != null) {
      lpips.close();
    }
    if (clip != null) {
      clip.close();
    }
    if (dino != null) {
      dino.close();
    }
  }
}
