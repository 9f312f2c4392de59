package io.smartedit.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A list of examples read from a file or a folder; the images themselves are read when needed.
 *
 * <p>What is understood, told by the names of files and fields:
 *
 * <ul>
 *   <li>InstructPix2Pix: a folder of folders with {@code prompt.json} ({@code edit}) and pairs
 *       {@code SEED_0.jpg}, {@code SEED_1.jpg};
 *   <li>MagicBrush: a folder with {@code edit_turns.json}, whose images lie in {@code
 *       images/NUMBER/};
 *   <li>Reason-Edit's training pairs: a JSON object of {@code origin_img_path}, {@code
 *       target_img_path} and {@code instruction};
 *   <li>LLaVA: a JSON array of {@code image} and {@code conversations};
 *   <li>JSON Lines of {@code source}, {@code target}, {@code instruction} (text or a list), or of
 *       {@code image}, {@code mask}, {@code expression}, or of {@code caption};
 *   <li>CC12M: {@code .tsv} with an address and a caption a line. The address is not visited.
 * </ul>
 *
 * <p>Paths are relative to the file they are in; none may leave its folder.
 */
public final class DataSet {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MAX_LIST = 2L << 30;

  private final Path origin;
  private final List<Example> examples;

  private DataSet(Path origin, List<Example> examples) {
    this.origin = origin;
    this.examples = List.copyOf(examples);
  }

  /**
   * Reads the list.
   *
   * @throws IOException naming the file and the entry: nothing there, an unknown format, a missing
   *     field, a path that leaves the folder
   */
  public static DataSet open(Path path) throws IOException {
    List<Example> examples = Files.isDirectory(path) ? folder(path) : file(path);
    if (examples.isEmpty()) {
      throw new IOException(path + ": no examples in a format that is known");
    }
    return new DataSet(path, examples);
  }

  /** All, in the order of the file. */
  public List<Example> examples() {
    return examples;
  }

  @Override
  public String toString() {
    return origin + " (" + examples.size() + ")";
  }

  private static List<Example> folder(Path folder) throws IOException {
    Path turns = folder.resolve("edit_turns.json");
    return Files.exists(turns) ? magicBrush(turns) : instructPix2Pix(folder);
  }

  private static List<Example> file(Path file) throws IOException {
    if (file.toString().endsWith(".jsonl")) {
      return lines(file);
    }
    if (file.toString().endsWith(".tsv")) {
      return captions(file);
    }
    JsonNode root = tree(file);
    List<Example> examples = new ArrayList<>();
    if (root.isArray()) {
      for (JsonNode entry : root) {
        examples.add(talk(new Entry(file, examples.size() + 1L, entry)));
      }
    } else {
      for (Map.Entry<String, JsonNode> entry : root.properties()) {
        Entry fields = new Entry(file, examples.size() + 1L, entry.getValue());
        examples.add(
            new Example.Edit(
                fields.path("origin_img_path"),
                fields.path("target_img_path"),
                fields.texts("instruction")));
      }
    }
    return examples;
  }

  private static JsonNode tree(Path file) throws IOException {
    if (Files.size(file) > MAX_LIST) {
      throw new IOException(file + ": longer than " + MAX_LIST + " bytes; use JSON Lines");
    }
    return JSON.readTree(file.toFile());
  }

  private static List<Example> lines(Path file) throws IOException {
    List<Example> examples = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      long number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          examples.add(line(new Entry(file, number, JSON.readTree(line))));
        }
      }
    }
    return examples;
  }

  private static Example line(Entry entry) throws IOException {
    if (entry.node.has("expression")) {
      return new Example.Segment(entry.path("image"), entry.path("mask"), entry.text("expression"));
    }
    if (entry.node.has("caption")) {
      return new Example.Caption(entry.text("caption"));
    }
    return new Example.Edit(entry.path("source"), entry.path("target"), entry.texts("instruction"));
  }

  private static List<Example> captions(Path file) throws IOException {
    List<Example> examples = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] fields = line.split("\t", -1);
        if (fields.length != 2 || fields[1].isBlank()) {
          throw new IOException(
              file + ", line " + (examples.size() + 1) + " is no address, a tab and a caption");
        }
        examples.add(new Example.Caption(fields[1].strip()));
      }
    }
    return examples;
  }

  private static List<Example> magicBrush(Path file) throws IOException {
    List<Example> examples = new ArrayList<>();
    for (JsonNode node : tree(file)) {
      Entry entry = new Entry(file, examples.size() + 1L, node);
      // The folder is named by the number before the dash: 242679-input.png.
      String folder = "images/" + entry.text("input").split("-", 2)[0] + "/";
      examples.add(
          new Example.Edit(
              entry.inside(folder + entry.text("input")),
              entry.inside(folder + entry.text("output")),
              entry.texts("instruction")));
    }
    return examples;
  }

  private static List<Example> instructPix2Pix(Path root) throws IOException {
    List<Example> examples = new ArrayList<>();
    for (Path folder : sorted(root)) {
      Path prompt = folder.resolve("prompt.json");
      if (Files.exists(prompt)) {
        String edit = new Entry(prompt, 1, tree(prompt)).text("edit");
        for (Path file : sorted(folder)) {
          String name = String.valueOf(file.getFileName());
          Path target = file.resolveSibling(name.replace("_0.", "_1."));
          if (name.contains("_0.") && Files.exists(target)) {
            examples.add(new Example.Edit(file, target, List.of(edit)));
          }
        }
      }
    }
    return examples;
  }

  private static List<Path> sorted(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(entry -> !isCompanion(entry)).sorted().toList();
    }
  }

  /** What macOS and downloaders keep beside a data set's own files. */
  static boolean isCompanion(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(".") || name.equals("__MACOSX");
  }

  private static Example talk(Entry entry) throws IOException {
    List<Example.Turn> turns = new ArrayList<>();
    JsonNode said = entry.node.path("conversations");
    for (int i = 0; i + 1 < said.size(); i += 2) {
      turns.add(
          new Example.Turn(
              said.get(i).path("value").asText().replace("<image>", "").strip(),
              said.get(i + 1).path("value").asText().strip()));
    }
    if (turns.isEmpty()) {
      throw new IOException(entry + " has no conversations");
    }
    return new Example.Talk(entry.path("image"), turns);
  }

  /** An entry of a list, which can say where it is. */
  private record Entry(Path file, long number, JsonNode node) {

    String text(String field) throws IOException {
      JsonNode value = node.path(field);
      if (!value.isTextual() || value.asText().isBlank()) {
        throw new IOException(this + " has no text \"" + field + "\"");
      }
      return value.asText();
    }

    List<String> texts(String field) throws IOException {
      if (!node.path(field).isArray()) {
        return List.of(text(field));
      }
      List<String> texts = new ArrayList<>();
      node.path(field).forEach(value -> texts.add(value.asText()));
      if (texts.isEmpty()) {
        throw new IOException(this + " has an empty \"" + field + "\"");
      }
      return texts;
    }

    Path path(String field) throws IOException {
      return inside(text(field));
    }

    Path inside(String relative) throws IOException {
      Path folder = file.toAbsolutePath().normalize().resolveSibling("");
      Path path = folder.resolve(relative).normalize();
      if (!path.startsWith(folder)) {
        throw new IOException(this + ": " + relative + " is not inside " + folder);
      }
      return path;
    }

    @Override
    public String toString() {
      return file + ", entry " + number;
    }
  }
}
