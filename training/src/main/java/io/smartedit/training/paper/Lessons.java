package io.smartedit.training.paper;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.text.PromptTemplate;
import io.smartedit.training.Criteria;
import io.smartedit.training.data.Example;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/** Turns examples into conversations with labels: what the assistant says is learned. */
final class Lessons {

  private static final int END = 2; // </s> of every LLaMA tokenizer
  private static final int BRIGHT = 127;
  private static final String TALK =
      "A chat between a curious user and an artificial intelligence assistant. The assistant gives"
          + " helpful, detailed, and polite answers to the user's questions.";

  private final LlamaTokenizer tokenizer;
  private final int side;

  /**
   * @param side of the images that are painted, in pixels
   */
  Lessons(LlamaTokenizer tokenizer, int side) {
    this.tokenizer = tokenizer;
    this.side = side;
  }

  /** Tokens that follow the image tokens of an edit: the end of the text. */
  static final int AFTER_IMAGE_TOKENS = 1;

  /**
   * Reads an example's images and writes its conversation.
   *
   * @param random chooses among several instructions, and a segment's colour
   * @throws IOException if an image cannot be read, or a text holds a token of the template
   */
  Lesson of(Example.WithImage example, SplittableRandom random) throws IOException {
    Image image = Example.read(example.image());
    if (example instanceof Example.Talk talk) {
      return talk(image, talk);
    }
    if (example instanceof Example.Segment segment) {
      Paint paint = Paint.values()[random.nextInt(Paint.values().length)];
      Image mask = square(Example.read(segment.mask()));
      String instruction =
          "Please color the pixels of %s in %s.".formatted(segment.expression(), paint);
      return edit(image, painted(square(image), mask, paint), instruction);
    }
    Example.Edit edit = (Example.Edit) example;
    Image target = square(Example.read(edit.target()));
    List<String> instructions = edit.instructions();
    return edit(image, target, instructions.get(random.nextInt(instructions.size())));
  }

  /** The colours segments are painted in. */
  enum Paint {
    RED(0xE6194B),
    GREEN(0x3CB44B),
    BLUE(0x4363D8),
    YELLOW(0xFFE119);

    private final int rgb;

    Paint(int rgb) {
      this.rgb = rgb;
    }

    private byte channel(int c) {
      return (byte) (rgb >> (16 - 8 * c));
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Lesson edit(Image image, Image target, String instruction) throws IOException {
    Script script = new Script();
    script.listen(PromptTemplate.question(checked(instruction)));
    script.say(PromptTemplate.reply());
    return new Lesson(image, script.spoken(), Optional.of(target));
  }

  /**
   * A caption's conversation. The paper prints none for its first stage; this is the template's
   * question without an image.
   *
   * @throws IOException if it holds a token of the template
   */
  TokenizedConversation caption(Example.Caption caption) throws IOException {
    Script script = new Script();
    String asked = "Could you produce an image based on the text description";
    script.listen("%s USER: %s \"%s\"? ASSISTANT:".formatted(TALK, asked, checked(caption.text())));
    script.say(PromptTemplate.reply());
    return script.spoken();
  }

  private Lesson talk(Image image, Example.Talk talk) throws IOException {
    Script script = new Script();
    String before = TALK + " USER: <im_start> <img_0> <im_end>";
    for (Example.Turn turn : talk.turns()) {
      script.listen(before + checked(turn.question()) + " ASSISTANT:");
      script.say(checked(turn.answer()));
      before = "USER: ";
    }
    return new Lesson(image, script.spoken(), Optional.empty());
  }

  private String checked(String text) throws IOException {
    if (tokenizer.holdsAddedToken(text)) {
      throw new IOException("\"" + text + "\" holds a token that only the template may write");
    }
    return text;
  }

  private Image square(Image image) {
    return Bicubic.resize(image, side, side);
  }

  private static Image painted(Image image, Image mask, Paint paint) {
    byte[] rgb = image.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      if ((mask.rgb()[i - i % 3] & 0xFF) > BRIGHT) {
        rgb[i] = paint.channel(i % 3);
      }
    }
    return new Image(image.width(), image.height(), rgb);
  }

  /** A conversation as it is written down. */
  private final class Script {
    private final List<Integer> ids = new ArrayList<>();
    private final List<Long> labels = new ArrayList<>();

    private void listen(String text) {
      add(text, false);
    }

    private void say(String text) {
      add(text, true);
      ids.add(END);
      labels.add((long) END);
    }

    /** {@code <s>} stands at the beginning of all only. */
    private void add(String text, boolean learned) {
      int[] tokens = tokenizer.encode(text);
      for (int i = ids.isEmpty() ? 0 : 1; i < tokens.length; i++) {
        ids.add(tokens[i]);
        labels.add(learned ? tokens[i] : Criteria.IGNORED);
      }
    }

    private TokenizedConversation spoken() {
      return new TokenizedConversation(
          ids.stream().mapToInt(Integer::intValue).toArray(),
          labels.stream().mapToLong(Long::longValue).toArray());
    }
  }

  @Override
  public String toString() {
    return "lessons at " + side + " pixels, paints " + Arrays.toString(Paint.values());
  }
}
