package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.text.PromptTemplate;
import java.util.Arrays;

/**
 * The multimodal LLM: looks at the image and reads the instruction in one teacher-forced pass.
 *
 * <p>The original samples the reply token by token; feeding the reply gives the same states at the
 * image tokens, cannot garble, and needs no output head.
 */
record MultimodalEncoder(
    VisionEncoder vision,
    Linear projector,
    Llama llama,
    LlamaTokenizer tokenizer,
    int maxTokens,
    Precision precision) {

  /** {@code [1, patches, C]}, the features before the projector. */
  NDArray look(NDManager manager, Image image, Tap tap) {
    Image square = Bicubic.resize(image, vision.imageSize(), vision.imageSize());
    tap.see("image.clip_resized_u8", levels(manager, square));
    NDArray pixels = PixelTransform.forClip(manager, square);
    tap.see("image.clip_pixels", pixels);
    NDArray features = vision.forward(precision.of(pixels));
    tap.see("clip.features", features);
    return features;
  }

  /** States at the image tokens, {@code [1, 32, C]}. */
  NDArray read(NDArray features, String instruction, Tap tap) {
    NDManager manager = features.getManager();
    NDArray patches = projector.forward(features);
    tap.see("projector.out", patches);
    int[] ids = tokenizer.encode(PromptTemplate.render(instruction));
    NDArray idArray = manager.create(Arrays.stream(ids).asLongStream().toArray());
    tap.see("llm.input_ids", idArray);
    NDArray words = llama.embed(idArray.expandDims(0));
    int place = placeOfImage(ids);
    // The placeholder's embedding gives way to the image's patches.
    NDArray embeddings =
        words
            .get(":, :" + place)
            .concat(patches, 1)
            .concat(words.get(":, " + (place + 1) + ":"), 1);
    tap.see("llm.inputs_embeds", embeddings);
    NDArray hidden = llama.forward(embeddings, tap);
    tap.see("llm.last_hidden", hidden);
    NDArray states = hidden.get(":, -" + LlamaTokenizer.IMAGE_TOKENS + ":");
    tap.see("llm.image_states", states);
    return states;
  }

  void check(String instruction) {
    if (tokenizer.holdsAddedToken(instruction)) {
      throw new BadRequestException(
          "instruction holds a token reserved for the model, such as <img_0>");
    }
    int tokens = tokenizer.encode(PromptTemplate.render(instruction)).length;
    int room = maxTokens - vision.side() * vision.side() + 1;
    if (tokens > room) {
      throw new BadRequestException(
          "instruction is too long: with the prompt it takes "
              + tokens
              + " tokens, the model has room for "
              + room);
    }
  }

  private int placeOfImage(int[] ids) {
    int placeholder = tokenizer.idOf("<img_0>");
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == placeholder) {
        return i;
      }
    }
    throw new IllegalStateException("the prompt template lost its image");
  }

  private static NDArray levels(NDManager manager, Image image) {
    int[] levels = new int[image.rgb().length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = image.rgb()[i] & 0xFF;
    }
    return manager.create(levels, new Shape(image.height(), image.width(), 3));
  }

  @Override
  public String toString() {
    return "MultimodalEncoder[" + vision + ", " + llama.config() + ", " + precision + "]";
  }
}
