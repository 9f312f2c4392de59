package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.qformer.QFormer;

/** SmartEdit's way to a condition: look, read, summarise, interact. */
public final class MultimodalConditioner implements Conditioner {

  private final NDManager weights;
  private final MultimodalEncoder encoder;
  private final QFormer qformer;
  private final Interaction interaction;

  MultimodalConditioner(
      NDManager weights, MultimodalEncoder encoder, QFormer qformer, Interaction interaction) {
    this.weights = weights;
    this.encoder = encoder;
    this.qformer = qformer;
    this.interaction = interaction;
  }

  @Override
  public void check(String instruction) {
    encoder.check(instruction);
  }

  @Override
  public Condition condition(
      NDManager manager, Image image, String instruction, WorkingSize size, Reuse reuse, Tap tap) {
    try (NDManager request = weights.newSubManager()) {
      NDArray features =
          reuse
              .arrays(
                  ContentCache.Part.VISION,
                  image,
                  "",
                  request,
                  () -> new NDList(encoder.look(request, image, tap)))
              .head();
      NDArray states = encoder.read(features, instruction, tap);
      NDArray summary = summarise(states, tap);
      Interaction.Modulation modulation = interact(summary, features, size, tap);
      NDArray feature = modulation.feature();
      return new Condition(
          moved(modulation.text(), manager), feature == null ? null : moved(feature, manager));
    }
  }

  /** The Q-Former and the interaction module are small and stay in single precision. */
  private NDArray summarise(NDArray states, Tap tap) {
    NDArray summary = qformer.forward(states.toType(DataType.FLOAT32, false));
    tap.see("qformer.out", summary);
    return summary;
  }

  private Interaction.Modulation interact(
      NDArray summary, NDArray features, WorkingSize size, Tap tap) {
    NDArray latents =
        summary.getManager().create(new Shape(1, 1, size.latentHeight(), size.latentWidth()));
    Interaction.Modulation modulation =
        interaction.forward(summary, features.toType(DataType.FLOAT32, false), latents, tap);
    tap.see("condition.text", modulation.text());
    NDArray feature = modulation.feature();
    if (feature != null) {
      tap.see("bim.unet_feature", feature);
    }
    return modulation;
  }

  @Override
  public void close() {
    weights.close();
    encoder.tokenizer().close();
  }

  /** The array on another manager's device, owned by it. */
  static NDArray moved(NDArray array, NDManager manager) {
    NDArray moved = array.toDevice(manager.getDevice(), false);
    moved.attach(manager);
    return moved;
  }
}
