package io.smartedit.training.mini;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a SentencePiece unigram model of given pieces: for a closed world, where the vocabulary is
 * known and nothing has to be counted.
 *
 * <p>Behind {@code <unk>}, {@code <s>}, {@code </s>} come the 256 bytes, so that any text can be
 * spelled, then the pieces in the order given. Format: {@code sentencepiece_model.proto} of
 * google/sentencepiece.
 */
final class SentencePieceFile {

  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int BYTE = 6;

  private SentencePieceFile() {}

  /** Tokens in the file for so many pieces. */
  static int vocabulary(List<String> pieces) {
    return 3 + 256 + pieces.size();
  }

  static void write(Path path, List<String> pieces) throws IOException {
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    piece(model, "<unk>", 0, UNKNOWN);
    piece(model, "<s>", 0, CONTROL);
    piece(model, "</s>", 0, CONTROL);
    for (int i = 0; i < 256; i++) {
      piece(model, "<0x%02X>".formatted(i), 0, BYTE);
    }
    for (String piece : pieces) {
      // One score for all: the fewest pieces win.
      piece(model, piece.replace(' ', '\u2581'), -1, NORMAL);
    }
    message(model, 2, trainer(vocabulary(pieces)));
    message(model, 3, normalizer());
    Files.write(path, model.toByteArray());
  }

  private static void piece(ByteArrayOutputStream model, String text, float score, int type)
      throws IOException {
    ByteArrayOutputStream piece = new ByteArrayOutputStream();
    message(piece, 1, text.getBytes(StandardCharsets.UTF_8));
    piece.write(2 << 3 | 5);
    piece.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(score).array());
    number(piece, 3, type);
    message(model, 1, piece.toByteArray());
  }

  private static byte[] trainer(int vocabulary) {
    ByteArrayOutputStream spec = new ByteArrayOutputStream();
    number(spec, 3, 1); // model_type: unigram
    number(spec, 4, vocabulary);
    number(spec, 35, 1); // byte_fallback
    return spec.toByteArray();
  }

  private static byte[] normalizer() throws IOException {
    ByteArrayOutputStream spec = new ByteArrayOutputStream();
    message(spec, 1, "identity".getBytes(StandardCharsets.UTF_8));
    return spec.toByteArray();
  }

  private static void message(ByteArrayOutputStream out, int field, byte[] bytes)
      throws IOException {
    variable(out, field << 3 | 2);
    variable(out, bytes.length);
    out.write(bytes);
  }

  private static void number(ByteArrayOutputStream out, int field, int value) {
    variable(out, field << 3);
    variable(out, value);
  }

  private static void variable(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest >= 0x80) {
      out.write((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
