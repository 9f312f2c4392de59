package io.smartedit.editor.text;

import ai.djl.sentencepiece.SpTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * LLaMA's SentencePiece model with SmartEdit's 35 added tokens.
 *
 * <p>Ids begin with {@code <s>}. Added tokens are cut out first and the blanks next to them are
 * dropped; each piece that remains is encoded on its own, so that it gets its own leading mark (as
 * the slow tokenizer of transformers 4.28.1 does). {@code <s>} and {@code </s>} in a text are plain
 * characters. Thread-safe.
 */
public final class LlamaTokenizer implements AutoCloseable {

  /** {@code <img_0>} to {@code <img_31>}. */
  public static final int IMAGE_TOKENS = 32;

  private static final long MAX_MODEL_BYTES = 64L << 20;
  private static final int BEGIN = 1;
  private static final List<String> ADDED = added();

  private final SpTokenizer sentencePiece;
  private final Map<String, Integer> addedIds = new LinkedHashMap<>();
  private final Pattern addedPattern;

  private LlamaTokenizer(SpTokenizer sentencePiece, int baseVocabulary) {
    this.sentencePiece = sentencePiece;
    for (String token : ADDED) {
      addedIds.put(token, baseVocabulary + addedIds.size());
    }
    addedPattern =
        Pattern.compile(ADDED.stream().map(Pattern::quote).collect(Collectors.joining("|")));
  }

  /**
   * @param baseVocabulary tokens in the file; the added ones get the ids behind them
   * @throws IOException if the file cannot be read or is larger than 64 MiB
   */
  public static LlamaTokenizer load(Path tokenizerModel, int baseVocabulary) throws IOException {
    long size = Files.size(tokenizerModel);
    if (size == 0 || size > MAX_MODEL_BYTES) {
      throw new IOException(
          tokenizerModel + " has " + size + " bytes, expected 1 to " + MAX_MODEL_BYTES);
    }
    try {
      return new LlamaTokenizer(
          new SpTokenizer(Files.readAllBytes(tokenizerModel)), baseVocabulary);
    } catch (RuntimeException e) {
      throw new IOException(tokenizerModel + " is not a SentencePiece model", e);
    }
  }

  /** Token ids, {@code <s>} first. */
  public int[] encode(String text) {
    List<Integer> ids = new ArrayList<>();
    ids.add(BEGIN);
    Matcher matcher = addedPattern.matcher(text);
    int from = 0;
    while (matcher.find()) {
      encodePiece(withoutBlanks(text, from, matcher.start(), from > 0, true), ids);
      ids.add(idOf(matcher.group()));
      from = matcher.end();
    }
    encodePiece(withoutBlanks(text, from, text.length(), from > 0, false), ids);
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Id of an added token. */
  public int idOf(String addedToken) {
    Integer id = addedIds.get(addedToken);
    if (id == null) {
      throw new IllegalArgumentException(addedToken + " is not an added token");
    }
    return id;
  }

  /** Whether the text holds an added token, which only the template may write. */
  public boolean holdsAddedToken(String text) {
    return addedPattern.matcher(text).find();
  }

  @Override
  public void close() {
    sentencePiece.close();
  }

  private void encodePiece(String piece, List<Integer> ids) {
    if (!piece.isEmpty()) {
      for (int id : sentencePiece.getProcessor().encode(piece)) {
        ids.add(id);
      }
    }
  }

  private static String withoutBlanks(
      String text, int from, int to, boolean atStart, boolean atEnd) {
    int start = from;
    int end = to;
    while (atStart && start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (atEnd && end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** What Python's {@code str.strip} removes. */
  private static boolean isBlank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  private static List<String> added() {
    List<String> tokens = new ArrayList<>(List.of("<img>", "<im_start>", "<im_end>"));
    for (int i = 0; i < IMAGE_TOKENS; i++) {
      tokens.add("<img_" + i + ">");
    }
    return List.copyOf(tokens);
  }
}
