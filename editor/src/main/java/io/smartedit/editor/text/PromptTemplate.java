package io.smartedit.editor.text;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The conversation in which SmartEdit was trained: the request with the image's place and the
 * instruction, and the reply that ends in the image tokens.
 */
public final class PromptTemplate {

  private static final String SYSTEM =
      "A chat between a curious user and an artificial intelligence assistant. The assistant can"
          + " generate <img>. The assistant needs to conduct the image to image translation task"
          + " based on given image and text information. The assistant gives helpful, detailed, and"
          + " polite answers to the user's questions.";

  private static final String HUMAN =
      "Could you produce an image based on the previous image and text description"
          + " \"<im_start> <img_0> <im_end>%s\"?";

  private static final String REPLY = "Certainly, I can create the image you requested";

  private PromptTemplate() {}

  /** The whole prompt on one line; newlines of the instruction are removed, as in training. */
  public static String render(String instruction) {
    return question(instruction) + " " + reply();
  }

  /** The prompt up to where the assistant begins to speak. */
  public static String question(String instruction) {
    String human = HUMAN.formatted(instruction.replace("\n", "").replace("\r", ""));
    return SYSTEM + " USER: " + human + " ASSISTANT:";
  }

  /** What the assistant says, the image tokens last. */
  public static String reply() {
    return REPLY
        + IntStream.range(0, LlamaTokenizer.IMAGE_TOKENS)
            .mapToObj(i -> " <img_" + i + ">")
            .collect(Collectors.joining());
  }
}
