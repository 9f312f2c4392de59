package io.smartedit.editor.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against ids of transformers 4.28.1; see {@code parity/HOW.md}. */
final class LlamaTokenizerTest {

  private static final Path TINY = Path.of("src/test/resources/parity/tiny");
  private static final int VOCABULARY = 512;

  @Test
  void idsEqualTheReference() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(TINY.resolve("tokens.json").toFile());
    try (LlamaTokenizer tokenizer = tokenizer()) {
      for (JsonNode item : cases) {
        int[] expected =
            StreamSupport.stream(item.get("ids").spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();

        assertThat(tokenizer.encode(item.get("text").asText()))
            .as(item.get("text").asText())
            .containsExactly(expected);
      }
    }
    assertThat(cases).hasSize(10);
  }

  @Test
  void theTemplateIsTheReferencesPrompt() throws IOException {
    JsonNode config = new ObjectMapper().readTree(TINY.resolve("config.json").toFile());

    assertThat(PromptTemplate.render(config.get("instruction").asText()))
        .isEqualTo(config.get("prompt").asText());
    assertThat(PromptTemplate.render("a\nb")).doesNotContain("\n").contains("ab");
  }

  @Test
  void addedTokensAreNoticed() throws IOException {
    try (LlamaTokenizer tokenizer = tokenizer()) {
      assertThat(tokenizer.holdsAddedToken("turn <img_31> red")).isTrue();
      assertThat(tokenizer.holdsAddedToken("turn <img_32> red")).isFalse();
      assertThat(tokenizer.idOf("<img_31>")).isEqualTo(VOCABULARY + 34);
    }
  }

  @Test
  void aFileThatIsNoModelIsRefused(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.model"), "not a model");

    assertThatThrownBy(() -> LlamaTokenizer.load(file, VOCABULARY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tokenizer.model");
  }

  private static LlamaTokenizer tokenizer() throws IOException {
    return LlamaTokenizer.load(TINY.resolve("vicuna/tokenizer.model"), VOCABULARY);
  }
}
