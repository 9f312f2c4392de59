package io.smartedit.training.mini;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.text.ClipTokenizer;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BytePairFilesTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void everyWordIsOneTokenAndOtherWordsAreSpelled() throws IOException {
    List<String> words = List.of("the", "that", "other", "there", ".", "hat");
    int vocabulary = BytePairFiles.write(folder, words);

    try (ClipTokenizer tokenizer = ClipTokenizer.load(folder, 16, vocabulary)) {
      for (String word : words) {
        assertThat(tokenizer.count(word)).as(word).isEqualTo(3);
      }
      assertThat(tokenizer.count("The other hat.")).isEqualTo(6);
      assertThat(tokenizer.count("hater")).isGreaterThan(3);
      assertThat(tokenizer.encode("hat")).startsWith(vocabulary - 2).endsWith(vocabulary - 1);
    }
  }

  @Test
  void theBaselineHasRoomForEveryInstruction() throws IOException {
    FreshModel.create(folder.resolve("model"), 1);
    Path baseline = folder.resolve("model");
    FreshModel.addBaseline(baseline, ModelFolder.open(baseline), 1);
    NetLoader nets = new NetLoader(ModelFolder.open(baseline), NetLoader.View.STORED);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      TextEncoder encoder = nets.textEncoder(manager);
      try (ClipTokenizer tokenizer = nets.textTokenizer(encoder)) {
        EmojiEdits edits = new EmojiEdits(5, Split.TRAIN);
        for (int i = 0; i < 2000; i++) {
          String instruction = edits.get(i).instruction();
          int words = instruction.split("[ .,]+").length;
          assertThat(tokenizer.count(instruction)).as(instruction).isBetween(words + 2, 24);
        }
      }
    }
  }
}
