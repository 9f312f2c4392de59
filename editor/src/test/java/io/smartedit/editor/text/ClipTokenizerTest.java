package io.smartedit.editor.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Ids against those of transformers' CLIPTokenizer over the same small vocabulary. */
final class ClipTokenizerTest {

  private static final Path FOLDER = Path.of("src/test/resources/clip-tokenizer");
  private static final int LENGTH = 77;

  @Test
  void idsEqualTheReferenceAndArePaddedWithTheEnd() throws IOException {
    ObjectMapper json = new ObjectMapper();
    int vocabulary = json.readTree(FOLDER.resolve("vocab.json").toFile()).size();
    try (ClipTokenizer tokenizer = ClipTokenizer.load(FOLDER, LENGTH, vocabulary)) {
      for (JsonNode each : json.readTree(FOLDER.resolve("expected.json").toFile()).path("cases")) {
        long[] expected = new long[LENGTH];
        Arrays.fill(expected, vocabulary - 1L);
        for (int i = 0; i < each.path("ids").size(); i++) {
          expected[i] = each.path("ids").get(i).asLong();
        }
        String text = each.path("text").asText();
        assertThat(tokenizer.encode(text)).as(text).isEqualTo(expected);
        assertThat(tokenizer.count(text)).as(text).isEqualTo(each.path("ids").size());
      }
    }
  }
}
