package io.smartedit.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.training.data.DataSet;
import io.smartedit.training.data.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * MagicBrush's test set: {@code edit_turns.json}, {@code images/NUMBER/}, and what the targets show
 * in {@code global_descriptions.json}, which may be left out.
 *
 * <p>As its authors count, twice: {@code all-turns}, each from the data set's own image, and {@code
 * final-turn}, a session's turns one after the other, each on the result of the one before.
 */
final class MagicBrush implements SampleSet {

  static final String TURNS = "edit_turns.json";
  private static final String DESCRIPTIONS = "global_descriptions.json";
  private static final long MAX_DESCRIPTIONS = 64L << 20;

  private final List<Item> items;

  private record Item(
      String group, List<String> instructions, Path image, Path target, JsonNode descriptions) {}

  private MagicBrush(List<Item> items) {
    this.items = items;
  }

  /**
   * Reads the list.
   *
   * @throws IOException naming the file and the entry that is wrong
   */
  static MagicBrush open(Path root) throws IOException {
    JsonNode descriptions = descriptions(root.resolve(DESCRIPTIONS));
    Map<Path, List<Example.Edit>> sessions = new LinkedHashMap<>();
    for (Example example : DataSet.open(root).examples()) {
      if (example instanceof Example.Edit turn) {
        sessions
            .computeIfAbsent(turn.target().resolveSibling(""), folder -> new ArrayList<>())
            .add(turn);
      }
    }
    Stream<Item> turns =
        sessions.values().stream()
            .flatMap(Collection::stream)
            .map(turn -> item("all-turns", List.of(turn), descriptions));
    Stream<Item> last =
        sessions.values().stream().map(session -> item("final-turn", session, descriptions));
    return new MagicBrush(Stream.concat(turns, last).toList());
  }

  private static JsonNode descriptions(Path file) throws IOException {
    if (Files.notExists(file)) {
      return new ObjectMapper().createObjectNode();
    }
    if (Files.size(file) > MAX_DESCRIPTIONS) {
      throw new IOException(file + ": longer than " + MAX_DESCRIPTIONS + " bytes");
    }
    return new ObjectMapper().readTree(file.toFile());
  }

  private static Item item(String group, List<Example.Edit> turns, JsonNode descriptions) {
    List<String> instructions = turns.stream().map(turn -> turn.instructions().get(0)).toList();
    Path target = turns.get(turns.size() - 1).target();
    return new Item(group, instructions, turns.get(0).image(), target, descriptions);
  }

  @Override
  public int size() {
    return items.size();
  }

  /** The source squeezed to a square of the working size; the target as it is. */
  @Override
  public Sample get(int index, int side) throws IOException {
    Item item = items.get(index);
    String session = String.valueOf(item.target.resolveSibling("").getFileName());
    String file = String.valueOf(item.target.getFileName());
    JsonNode description = item.descriptions.path(session).path(file);
    return new Sample(
        item.group,
        file.replaceAll("\\.[^.]*$", ""),
        item.instructions,
        Bicubic.resize(Example.read(item.image), side, side),
        Optional.empty(),
        Optional.of(Example.read(item.target)),
        Optional.ofNullable(description.textValue()));
  }
}
