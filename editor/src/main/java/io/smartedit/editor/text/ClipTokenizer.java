package io.smartedit.editor.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * CLIP's byte-pair encoding: lower case, words closed by {@code </w>}, padded with the end token.
 *
 * <p>Reads {@code vocab.json} and {@code merges.txt} as diffusers folders have them. Thread-safe.
 */
public final class ClipTokenizer implements AutoCloseable {

  private static final long MAX_FILE_BYTES = 64L << 20;
  private static final String WORDS =
      "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

  private final HuggingFaceTokenizer tokenizer;
  private final int length;
  private final long begin;
  private final long end;

  private ClipTokenizer(HuggingFaceTokenizer tokenizer, int length, long begin, long end) {
    this.tokenizer = tokenizer;
    this.length = length;
    this.begin = begin;
    this.end = end;
  }

  /**
   * @param folder holds {@code vocab.json} and {@code merges.txt}
   * @param length tokens a prompt is padded to
   * @param vocabulary rows of the text encoder's embedding; the last two are begin and end
   */
  public static ClipTokenizer load(Path folder, int length, int vocabulary) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    ObjectNode normalizer = root.putObject("normalizer").put("type", "Sequence");
    ArrayNode normalizers = normalizer.putArray("normalizers");
    normalizers.addObject().put("type", "NFC");
    ObjectNode blanks = normalizers.addObject().put("type", "Replace").put("content", " ");
    blanks.putObject("pattern").put("Regex", "\\s+");
    normalizers.addObject().put("type", "Lowercase");
    ObjectNode pre = root.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode splits = pre.putArray("pretokenizers");
    ObjectNode words = splits.addObject().put("type", "Split").put("behavior", "Removed");
    words.put("invert", true).putObject("pattern").put("Regex", WORDS);
    splits
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true);
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.put("unk_token", "<|endoftext|>").put("end_of_word_suffix", "</w>");
    model.put("continuing_subword_prefix", "").put("fuse_unk", false);
    model.set("vocab", json.readTree(small(folder.resolve("vocab.json"))));
    ArrayNode merges = model.putArray("merges");
    new String(small(folder.resolve("merges.txt")), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#version"))
        .forEach(merges::add);
    HuggingFaceTokenizer tokenizer =
        HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(json.writeValueAsBytes(root)),
            Map.of("padding", "false", "truncation", "false", "addSpecialTokens", "false"));
    return new ClipTokenizer(tokenizer, length, vocabulary - 2L, vocabulary - 1L);
  }

  /** Number of tokens the text takes, begin and end included; more than the length do not fit. */
  public int count(String text) {
    return tokenizer.encode(text, false, false).getIds().length + 2;
  }

  /** Begin, the text's tokens, and end tokens up to the length; what does not fit is cut off. */
  public long[] encode(String text) {
    long[] words = tokenizer.encode(text, false, false).getIds();
    long[] ids = empty(length, begin, end);
    System.arraycopy(words, 0, ids, 1, Math.min(words.length, length - 2));
    return ids;
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /** Ids of the empty prompt: begin, then end tokens. Needs no vocabulary file. */
  public static long[] empty(int length, long begin, long end) {
    long[] ids = new long[length];
    Arrays.fill(ids, end);
    ids[0] = begin;
    return ids;
  }

  private static byte[] small(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_FILE_BYTES) {
      throw new IOException(file + " has " + size + " bytes, more than " + MAX_FILE_BYTES);
    }
    return Files.readAllBytes(file);
  }
}
