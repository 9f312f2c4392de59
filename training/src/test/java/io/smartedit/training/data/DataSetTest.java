package io.smartedit.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataSetTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void readsJsonLinesOfEditsAndOfSegments() throws IOException {
    Path file =
        write(
            "pairs.jsonl",
            """
            {"source": "a.png", "target": "b.png", "instruction": "make it blue"}

            {"source": "c.png", "target": "sub/d.png", "instruction": ["one", "two"]}
            {"image": "e.png", "mask": "m.png", "expression": "the left cup"}
            """);

    assertThat(DataSet.open(file).examples())
        .containsExactly(
            new Example.Edit(at("a.png"), at("b.png"), List.of("make it blue")),
            new Example.Edit(at("c.png"), at("sub/d.png"), List.of("one", "two")),
            new Example.Segment(at("e.png"), at("m.png"), "the left cup"));
  }

  @Test
  void readsReasonEditPairsAndLlavaTalks() throws IOException {
    Path pairs =
        write(
            "pairs.json",
            """
            {"0000": {"origin_img_path": "o.jpg", "target_img_path": "t.jpg",
                      "instruction": ["x", "y"]}}
            """);
    assertThat(DataSet.open(pairs).examples())
        .containsExactly(new Example.Edit(at("o.jpg"), at("t.jpg"), List.of("x", "y")));

    Path talks =
        write(
            "talks.json",
            """
            [{"id": "1", "image": "i.jpg", "conversations": [
              {"from": "human", "value": "<image>\\nWhat is it?"}, {"from": "gpt", "value": "A cat."},
              {"from": "human", "value": "Sure?"}, {"from": "gpt", "value": "Yes."}]}]
            """);
    assertThat(DataSet.open(talks).examples())
        .containsExactly(
            new Example.Talk(
                at("i.jpg"),
                List.of(
                    new Example.Turn("What is it?", "A cat."), new Example.Turn("Sure?", "Yes."))));
  }

  @Test
  void readsMagicBrushAndInstructPix2PixFolders() throws IOException {
    write(
        "brush/edit_turns.json",
        """
        [{"input": "242-input.png", "output": "242-output1.png", "instruction": "add a hat"}]
        """);
    assertThat(DataSet.open(at("brush")).examples())
        .containsExactly(
            new Example.Edit(
                at("brush/images/242/242-input.png"),
                at("brush/images/242/242-output1.png"),
                List.of("add a hat")));

    write(
        "p2p/0001/prompt.json", "{\"input\": \"a\", \"edit\": \"as a sketch\", \"output\": \"b\"}");
    write("p2p/0001/77_0.jpg", "");
    write("p2p/0001/77_1.jpg", "");
    write("p2p/0001/78_0.jpg", "");
    assertThat(DataSet.open(at("p2p")).examples())
        .containsExactly(
            new Example.Edit(
                at("p2p/0001/77_0.jpg"), at("p2p/0001/77_1.jpg"), List.of("as a sketch")));
  }

  @Test
  void namesTheEntryThatIsWrong() throws IOException {
    assertRefused("{\"source\": \"a\", \"instruction\": \"b\"}", "entry 1 has no text \"target\"");
    assertRefused("{\"source\": \"../../etc/passwd\", \"target\": \"b\"}", "is not inside");
    assertRefused("{\"source\": \"/etc/passwd\", \"target\": \"b\"}", "is not inside");
    assertRefused("", "no examples");
    assertThatThrownBy(() -> DataSet.open(Files.createDirectory(at("empty"))))
        .hasMessageContaining("no examples");
  }

  @Test
  void drawsByWeightAndTheSameEveryTime() throws IOException {
    DataSet rare = DataSet.open(write("a.jsonl", line("a") + line("b")));
    DataSet common = DataSet.open(write("b.jsonl", line("c")));
    Mixture mixture =
        new Mixture(List.of(new Mixture.Share(rare, 1), new Mixture.Share(common, 3)));
    int fromCommon = 0;
    for (int i = 0; i < 4000; i++) {
      Example drawn = mixture.draw(new SplittableRandom(i));
      assertThat(mixture.draw(new SplittableRandom(i))).isEqualTo(drawn);
      fromCommon += ((Example.Edit) drawn).image().endsWith("c") ? 1 : 0;
    }
    assertThat(fromCommon).isBetween(2850, 3150);
    assertThatThrownBy(() -> new Mixture.Share(rare, 0)).hasMessageContaining("above 0");
  }

  private static String line(String name) {
    return "{\"source\": \"%s\", \"target\": \"t\", \"instruction\": \"i\"}\n".formatted(name);
  }

  private void assertRefused(String content, String message) throws IOException {
    Path file = write("wrong.jsonl", content);
    assertThatThrownBy(() -> DataSet.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  private Path at(String name) {
    return folder.toAbsolutePath().normalize().resolve(name);
  }

  private Path write(String name, String content) throws IOException {
    Path file = at(name);
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, content);
  }
}
