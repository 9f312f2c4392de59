package io.smartedit.training.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.editor.image.ImageLimits;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Unpacks a data set in parquet, as Hugging Face keeps them, into images and JSON Lines that {@link
 * DataSet} reads.
 *
 * <p>Columns are known by their names in InstructPix2Pix, MagicBrush and their like; images are
 * structs of {@code bytes} and {@code path}. At most 2,048 rows of a row group are in memory.
 */
public final class ParquetImages {

  private static final String LIST = "examples.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Field of the JSON Lines, and the columns that may hold it, the likeliest first. */
  private static final Map<String, List<String>> IMAGES = new LinkedHashMap<>();

  private static final List<String> INSTRUCTIONS = List.of("instruction", "edit_prompt", "edit");

  static {
    IMAGES.put("source", List.of("source_img", "original_image", "input_image", "source"));
    IMAGES.put("target", List.of("target_img", "edited_image", "output_image", "target"));
  }

  private final Path origin;
  private final List<Path> files;

  private ParquetImages(Path origin, List<Path> files) {
    this.origin = origin;
    this.files = files;
  }

  /** Whether a path is a parquet file, or a folder that holds some. */
  public static boolean isAt(Path path) throws IOException {
    return !files(path).isEmpty();
  }

  /**
   * Unpacks once: where the same files have been unpacked before, nothing is done.
   *
   * @param path a file, or a folder whose files are read in the order of their names
   * @param folder gets a folder of its own for the data set, whole or not at all
   * @param rows told how many are unpacked
   * @return the JSON Lines
   * @throws IOException naming the file: no parquet, no columns of a known name, a row without
   *     image or instruction
   */
  public static Path unpack(Path path, Path folder, LongConsumer rows) throws IOException {
    ParquetImages images = new ParquetImages(path, files(path));
    Path target = folder.resolve(images.name());
    if (!Files.exists(target)) {
      Path part = target.resolveSibling(target.getFileName() + ".part");
      images.unpack(Files.createDirectories(part), rows);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }
    return target.resolve(LIST);
  }

  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return isParquet(path) ? List.of(path) : List.of();
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries
          .filter(ParquetImages::isParquet)
          .filter(file -> !DataSet.isCompanion(file))
          .sorted()
          .toList();
    }
  }

  private static boolean isParquet(Path file) {
    return file.toString().endsWith(".parquet");
  }

  /** Another one when a file is another one. */
  private String name() throws IOException {
    List<Object> identity = new ArrayList<>();
    for (Path file : files) {
      identity.add(file.toAbsolutePath().normalize().toString());
      identity.add(Files.size(file));
      identity.add(Files.getLastModifiedTime(file).toMillis());
    }
    return "%s-%08x".formatted(origin.getFileName(), identity.hashCode());
  }

  private void unpack(Path folder, LongConsumer rows) throws IOException {
    Properties settings = new Properties();
    settings.setProperty("threads", "1");
    settings.setProperty("jdbc_stream_results", "true");
    settings.setProperty("autoinstall_known_extensions", "false");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings);
        Statement statement = connection.createStatement()) {
      Map<String, String> columns = columns(statement);
      try (ResultSet row = statement.executeQuery(query(columns.values()));
          BufferedWriter list = Files.newBufferedWriter(folder.resolve(LIST))) {
        for (long number = 1; row.next(); number++) {
          list.write(line(row, number, columns, folder));
          list.newLine();
          rows.accept(number);
        }
      }
    } catch (SQLException e) {
      throw new IOException(origin + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** What is selected, by the field it becomes. */
  private Map<String, String> columns(Statement statement) throws SQLException, IOException {
    List<String> present = new ArrayList<>();
    try (ResultSet none = statement.executeQuery(query(List.of("*")) + " LIMIT 0")) {
      ResultSetMetaData names = none.getMetaData();
      for (int i = 1; i <= names.getColumnCount(); i++) {
        present.add(names.getColumnName(i));
      }
    }
    Map<String, String> columns = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> image : IMAGES.entrySet()) {
      columns.put(image.getKey(), first(image.getValue(), present) + ".bytes");
    }
    columns.put("instruction", first(INSTRUCTIONS, present));
    return columns;
  }

  private String first(List<String> names, List<String> present) throws IOException {
    return names.stream()
        .filter(present::contains)
        .findFirst()
        .orElseThrow(
            () -> new IOException(origin + " has no column " + names + ", only " + present));
  }

  private String query(Iterable<String> columns) {
    String paths =
        files.stream()
            .map(file -> "'" + file.toString().replace("'", "''") + "'")
            .collect(Collectors.joining(", "));
    return "SELECT " + String.join(", ", columns) + " FROM read_parquet([" + paths + "])";
  }

  private String line(ResultSet row, long number, Map<String, String> columns, Path folder)
      throws SQLException, IOException {
    ObjectNode line = JSON.createObjectNode();
    for (Map.Entry<String, String> column : columns.entrySet()) {
      int index = line.size() + 1;
      String field = column.getKey();
      if (row.getObject(index) == null) {
        throw new IOException("%s, row %d has no %s".formatted(origin, number, column.getValue()));
      }
      line.put(
          field,
          IMAGES.containsKey(field)
              ? write(row.getBytes(index), folder, "%07d-%s".formatted(number, field))
              : row.getString(index));
    }
    return line.toString();
  }

  private String write(byte[] image, Path folder, String name) throws IOException {
    if (image.length > ImageLimits.DEFAULT.maxBytes()) {
      throw new IOException(
          "%s: %s has %d bytes, more than %d"
              .formatted(origin, name, image.length, ImageLimits.DEFAULT.maxBytes()));
    }
    String type = URLConnection.guessContentTypeFromStream(new ByteArrayInputStream(image));
    String ending = type == null ? "img" : type.substring(type.indexOf('/') + 1);
    Files.write(folder.resolve(name + "." + ending), image);
    return name + "." + ending;
  }
}
