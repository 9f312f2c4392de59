package io.smartedit.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.options.EditOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Scores by class, as JSON, CSV and a page to look at. Used from one thread. */
public final class Report {

  private static final int SHOWN = 8;
  private static final String IMAGES = "pictures";
  private static final String NOT_COMPUTED = "not computed";

  private final String model;
  private final EditOptions options;
  private final Path out;
  private final List<Row> rows = new ArrayList<>();

  /** What is kept of an edit: its images are in files. */
  private record Row(
      String group,
      String name,
      String instruction,
      boolean hasMask,
      boolean hasTarget,
      List<String> images,
      double badness,
      Map<String, Double> values) {}

  /**
   * A class's scores.
   *
   * @param edits how many
   * @param means of every metric, by its name
   */
  public record Score(String group, int edits, Map<String, Double> means) {}

  Report(String model, EditOptions options, Path out) throws IOException {
    this.model = model;
    this.options = options;
    this.out = Files.createDirectories(out);
  }

  void add(Judged judged) throws IOException {
    Sample sample = judged.sample();
    Path folder = Files.createDirectories(out.resolve(IMAGES).resolve(sample.group()));
    Map<String, Image> images = new LinkedHashMap<>();
    images.put("source", sample.source());
    images.put("edited", judged.edited());
    judged.composite().ifPresent(image -> images.put("composite", image));
    sample.target().ifPresent(image -> images.put("target", image));
    for (Map.Entry<String, Image> image : images.entrySet()) {
      write(folder.resolve(sample.name() + "-" + image.getKey() + ".png"), image.getValue());
    }
    rows.add(
        new Row(
            sample.group(),
            sample.name(),
            sample.instruction(),
            sample.mask().isPresent(),
            sample.target().isPresent(),
            List.copyOf(images.keySet()),
            judged.badness(),
            judged.values()));
  }

  private static void write(Path file, Image image) throws IOException {
    Files.write(file, ImageCodec.encode(image, ImageCodec.Format.PNG));
  }

  /** One score a class, in the order the classes came. */
  public List<Score> scores() {
    List<Score> scores = new ArrayList<>();
    for (String group : groups()) {
      List<Row> own = rows(group);
      Map<String, Double> means = new LinkedHashMap<>();
      for (String metric : metrics()) {
        own.stream()
            .mapToDouble(row -> row.values.getOrDefault(metric, Double.NaN))
            .average()
            .ifPresent(mean -> means.put(metric, mean));
      }
      scores.add(new Score(group, own.size(), means));
    }
    return scores;
  }

  /** Metrics that were computed. */
  public Set<String> metrics() {
    Set<String> metrics = new LinkedHashSet<>();
    rows.forEach(row -> metrics.addAll(row.values.keySet()));
    return metrics;
  }

  private Set<String> groups() {
    Set<String> groups = new LinkedHashSet<>();
    rows.forEach(row -> groups.add(row.group));
    return groups;
  }

  private List<Row> rows(String group) {
    return rows.stream().filter(row -> row.group.equals(group)).toList();
  }

  void write() throws IOException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", model);
    document.put("size", options.size());
    document.put("steps", options.steps());
    document.put("guidance", options.guidance().text());
    document.put("image_guidance", options.guidance().image());
    document.put("seed", options.seed());
    document.put("scores", scores());
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(out.resolve("scores.json").toFile(), document);
    writeCsv();
    Files.writeString(out.resolve("index.html"), page(), StandardCharsets.UTF_8);
  }

  private void writeCsv() throws IOException {
    CsvSchema.Builder schema =
        CsvSchema.builder().addColumn("class").addColumn("name").addColumn("instruction");
    metrics().forEach(schema::addColumn);
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("class", row.group);
      line.put("name", row.name);
      line.put("instruction", row.instruction);
      line.putAll(row.values);
      lines.add(line);
    }
    new CsvMapper()
        .writer(schema.build().withHeader())
        .writeValue(out.resolve("edits.csv").toFile(), lines);
  }

  private String page() {
    StringBuilder html = new StringBuilder();
    html.append("<!doctype html><meta charset=utf-8><title>")
        .append(escaped(model))
        .append(
            """
            </title><style>
            body{font:15px system-ui;margin:2em;max-width:75em}
            table{border-collapse:collapse}th,td{padding:.3em .8em;text-align:right}
            th:first-child,td:first-child{text-align:left}tr:nth-child(even){background:#f3f3f3}
            .edits{display:flex;flex-wrap:wrap;gap:1em}figure{margin:0;width:18em}
            img{width:31%;image-rendering:pixelated}figcaption{font-size:.85em}
            </style>
            """);
    html.append("<h1>")
        .append(escaped(model))
        .append("</h1><p>")
        .append(
            "%d edits at %d pixels, %d steps, guidance %.1f and %.1f, seed %d. Source, edit%s."
                .formatted(
                    rows.size(),
                    options.size(),
                    options.steps(),
                    options.guidance().text(),
                    options.guidance().image(),
                    options.seed(),
                    rows.stream().anyMatch(Row::hasTarget) ? ", target" : ""));
    appendTable(html);
    for (String group : groups()) {
      List<Row> own =
          rows(group).stream().sorted(Comparator.comparingDouble(Row::badness)).toList();
      int shown = Math.min(SHOWN, (own.size() + 1) / 2);
      html.append("<h2>").append(escaped(group)).append("</h2><h3>best</h3>");
      appendEdits(html, own.subList(0, shown));
      html.append("<h3>worst</h3>");
      appendEdits(html, own.subList(own.size() - shown, own.size()));
    }
    return html.toString();
  }

  private void appendTable(StringBuilder html) {
    Set<String> metrics = new LinkedHashSet<>(metrics());
    boolean masked = rows.stream().anyMatch(Row::hasMask);
    metrics.addAll(masked ? List.of("lpips", "clip") : List.of("clip_i", "clip_t", "dino_i"));
    html.append("<table><tr><th>class<th>edits");
    metrics.forEach(metric -> html.append("<th>").append(metric));
    for (Score score : scores()) {
      html.append("<tr><td>").append(escaped(score.group)).append("<td>").append(score.edits);
      for (String metric : metrics) {
        Double mean = score.means.get(metric);
        html.append("<td>").append(mean == null ? NOT_COMPUTED : "%.3f".formatted(mean));
      }
    }
    html.append("</table>\n");
  }

  private static void appendEdits(StringBuilder html, List<Row> edits) {
    html.append("<div class=edits>");
    for (Row row : edits) {
      html.append("<figure>");
      for (String which : row.images) {
        String file = IMAGES + "/" + row.group + "/" + row.name + "-" + which + ".png";
        html.append("<img alt=%s src=\"%s\"> ".formatted(which, escaped(file)));
      }
      html.append("<figcaption>").append(escaped(row.name + ": " + row.instruction)).append("<br>");
      row.values.forEach((metric, value) -> html.append("%s %.3f ".formatted(metric, value)));
      html.append("</figcaption></figure>\n");
    }
    html.append("</div>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
