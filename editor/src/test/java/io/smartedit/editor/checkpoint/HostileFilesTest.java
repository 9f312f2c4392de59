package io.smartedit.editor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weight files that lie, end early, or ask for more than tensors. */
final class HostileFilesTest {

  private static final Path TINY = Path.of("src/test/resources/parity/tiny");

  @TempDir private Path folder = Path.of("");

  @Test
  void filesCutOffAnywhereAreRefused() throws IOException {
    Random random = new Random(3);
    Path[] sources = {
      TINY.resolve("clip-vision/model.safetensors"),
      TINY.resolve("smartedit/modulate-15000/adapter_model.bin")
    };
    for (int i = 0; i < 60; i++) {
      Path source = sources[i % 2];
      byte[] whole = Files.readAllBytes(source);
      Path cut = folder.resolve("cut" + source.getFileName());
      Files.write(cut, Arrays.copyOf(whole, random.nextInt(whole.length - 1)));

      assertRefused(cut);
    }
  }

  @Test
  void headersThatLieAreRefused() throws IOException {
    String[] headers = {
      "",
      "[]",
      "{",
      "null",
      "{\"a\": 3}",
      "{\"a\": {}}",
      tensor("F32", "[2]", "[0, 4]"),
      tensor("F32", "[2]", "[0, 1000]"),
      tensor("F32", "[-1]", "[0, 4]"),
      tensor("F32", "[1]", "[-4, 0]"),
      tensor("F32", "[1]", "[8, 4]"),
      tensor("F99", "[1]", "[0, 4]"),
      tensor("F32", "[4611686018427387904, 4611686018427387904]", "[0, 4]"),
      tensor("F32", "[1.5]", "[0, 4]"),
      tensor("F32", "\"x\"", "[0, 4]"),
      tensor("F32", "[1,1,1,1,1,1,1,1,1]", "[0, 4]"),
      tensor("F32", "[1]", "[0]"),
      tensor("F32", "[0, 9223372036854775807, 3]", "[0, 9223372036854775807]"),
      "{\"a\": " + "[".repeat(100_000)
    };
    for (String header : headers) {
      assertRefused(safetensors(header, header.length()));
    }
    for (long length : new long[] {-1, Long.MAX_VALUE, 1L << 31, 100_000_001, 9999}) {
      assertRefused(safetensors("{}", length));
    }
  }

  @Test
  void picklesThatAskForMoreThanTensorsAreRefusedAndRunNothing() throws IOException {
    Path witness = folder.resolve("witness");
    String touch = CheckpointTest.text("touch " + witness);
    String[] pickles = {
      "cos\nsystem\n(" + touch + "tR.",
      "cposix\nsystem\n(" + touch + "tR.",
      "csubprocess\nPopen\n(" + touch + "tR.",
      "cbuiltins\neval\n(" + touch + "tR.",
      "cbuiltins\nexec\n(" + touch + "tR.",
      "cnt\nsystem\n(" + touch + "tR.",
      "c__builtin__\neval\n(" + touch + "tR.",
      "(" + touch + "ios\nsystem\n.",
      "(cos\nsystem\n" + touch + "o.",
      "cjava.lang\nRuntime\n)R.",
      "ctorch\nload\n(" + touch + "tR.",
      "ctorch.storage\n_load_from_bytes\n(" + touch + "tR.",
      "ctorch._utils\n_rebuild_tensor\n)R.",
      CheckpointTest.text("os") + CheckpointTest.text("system") + "\u0093(" + touch + "tR.",
      "ccollections\nOrderedDict\n)\u0081.",
      "ctorch\nFloatStorage\n)R.",
      "ctorch\nFloatStorage\n.",
      "X\u00ff\u00ff\u00ff\u007fabc.",
      "X\u00ff\u00ff\u00ff\u00ffabc.",
      "\u008a\u00ff.",
      "h\u0001.",
      "t.",
      "R.",
      "u.",
      "s.",
      "a.",
      "e.",
      "Q.",
      "b.",
      ".",
      "",
      "q\u0000.",
      "\u0085.",
      "}K\u0001(tu.",
      "}(]K\u0001u.",
      "K\u0001.",
      "].",
      "N.",
      "(".repeat(5000),
      "]q\u0000h\u0000a.",
      "\u0095\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.",
      "I99999999999\n.",
      "V\\u0000\n.",
      "P1\n.",
      "\u0082\u0001.",
      "\u0096\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f.",
      "C\u00ff.",
      "B\u00ff\u00ff\u00ff\u007f.",
      "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f."
    };
    for (String pickle : pickles) {
      byte[] bytes = ("\u0080\u0002" + pickle).getBytes(StandardCharsets.ISO_8859_1);
      assertRefused(CheckpointTest.archive(folder.resolve("evil.bin"), bytes, new byte[16]));
    }
    assertThat(witness).doesNotExist();
  }

  @Test
  void randomDamageIsRefusedOrHarmless() throws IOException {
    Random random = new Random(9);
    byte[] whole = Files.readAllBytes(TINY.resolve("smartedit/LLM-15000/adapter_model.bin"));
    byte[] safetensors = Files.readAllBytes(TINY.resolve("clip-vision/model.safetensors"));
    for (int i = 0; i < 80; i++) {
      byte[] bytes = (i % 2 == 0 ? whole : safetensors).clone();
      int region = i % 4 < 2 ? 5000 : bytes.length;
      for (int flips = 0; flips < 20; flips++) {
        bytes[random.nextInt(region)] = (byte) random.nextInt();
      }
      Path file = folder.resolve(i % 2 == 0 ? "damaged.bin" : "damaged.safetensors");
      Files.write(file, bytes);

      try {
        TensorFile.open(file).close();
      } catch (CheckpointException e) {
        assertThat(e.getMessage()).contains(file.toString()).doesNotContain("\n");
      }
    }
  }

  private static void assertRefused(Path file) {
    assertThatThrownBy(() -> TensorFile.open(file).close())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString());
  }

  private static String tensor(String type, String shape, String offsets) {
    return "{\"a\": {\"dtype\": \"%s\", \"shape\": %s, \"data_offsets\": %s}}"
        .formatted(type, shape, offsets);
  }

  private Path safetensors(String header, long length) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    return Files.write(folder.resolve("lie.safetensors"), bytes.array());
  }
}
