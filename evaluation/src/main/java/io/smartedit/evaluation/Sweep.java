package io.smartedit.evaluation;

import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.EditOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/**
 * What every {@link Lever} costs and gains on one model and one set of samples.
 *
 * <p>A lever holds where the scores stay by those of the model's own options in single precision:
 * within a point of the share of right edits and 0.5 dB of PSNR outside the mask; without masks
 * within 0.01 of L1.
 */
public final class Sweep {

  private static final int TOGETHER = 8;
  private static final double RIGHT = 0.01;
  private static final double DECIBELS = 0.5;
  private static final double L1 = 0.01;
  private static final double EXACT = 1e-9;

  private final Function<Precision, SmartEdit> models;
  private final EditOptions options;
  private final SampleSet samples;

  /**
   * A lever's result.
   *
   * @param seconds an edit, with everything from the decoded source to the decoded result, where
   *     eight share the device
   * @param means of every metric, by its name
   */
  public record Point(Lever lever, int edits, double seconds, Map<String, Double> means) {

    /** Whether its scores stay by another's. */
    public boolean holds(Point reference) {
      return within("right", reference, -RIGHT)
          && within("psnr", reference, -DECIBELS)
          && within("l1", reference, L1);
    }

    /** Not worse than the reference by more than the margin, whose sign says what worse is. */
    private boolean within(String metric, Point reference, double margin) {
      Double own = means.get(metric);
      Double other = reference.means.get(metric);
      return own == null
          || other == null
          || (own - other) * Math.signum(margin) <= Math.abs(margin) + EXACT;
    }
  }

  /**
   * @param models opens the model with all nets in a precision; without a cache, which would spare
   *     the later levers work
   * @param options the model's own, to which others are held; squares, not restored
   */
  public Sweep(Function<Precision, SmartEdit> models, EditOptions options, SampleSet samples) {
    this.models = models;
    this.options = options;
    this.samples = samples;
  }

  /**
   * Tries every lever, the model's own first, and writes {@code sweep.csv} after each and {@code
   * sweep.png} at the end.
   *
   * @param done told of every point
   */
  public List<Point> run(List<Lever> levers, Path out, Consumer<Point> done) throws IOException {
    Files.createDirectories(out);
    Set<Lever> all = new LinkedHashSet<>();
    all.add(Lever.of(options, Precision.FP32));
    all.addAll(levers);
    List<Point> points = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      List<Lever> own = all.stream().filter(lever -> lever.precision() == precision).toList();
      if (own.isEmpty()) {
        continue;
      }
      try (SmartEdit editor = models.apply(precision)) {
        editor.load();
        measure(editor, own.get(0), Math.min(TOGETHER, samples.size())); // whose time is not kept
        for (Lever lever : own) {
          points.add(measure(editor, lever, samples.size()));
          writeTable(points, out);
          done.accept(points.get(points.size() - 1));
        }
      }
    }
    plot(points, out);
    return points;
  }

  private Point measure(SmartEdit editor, Lever lever, int count) throws IOException {
    Map<String, Double> sums = new LinkedHashMap<>();
    long nanos = 0;
    for (int from = 0; from < count; from += TOGETHER) {
      List<Sample> group = new ArrayList<>();
      for (int i = from; i < Math.min(count, from + TOGETHER); i++) {
        group.add(samples.get(i, options.size()));
      }
      long begin = System.nanoTime();
      List<Image> edited = edit(editor, group, lever.in(options));
      nanos += System.nanoTime() - begin;
      for (int i = 0; i < group.size(); i++) {
        Judged.of(group.get(i), edited.get(i))
            .values()
            .forEach((metric, value) -> sums.merge(metric, value, Double::sum));
      }
    }
    sums.replaceAll((metric, sum) -> sum / count);
    return new Point(lever, count, nanos * 1e-9 / count, sums);
  }

  /** Turn by turn, as samples may have several. */
  private static List<Image> edit(SmartEdit editor, List<Sample> group, EditOptions options) {
    List<Image> images = new ArrayList<>(group.stream().map(Sample::source).toList());
    int turns = group.stream().mapToInt(sample -> sample.instructions().size()).max().orElse(0);
    for (int turn = 0; turn < turns; turn++) {
      Map<Integer, SmartEdit.Edit> edits = new LinkedHashMap<>();
      try {
        for (int i = 0; i < group.size(); i++) {
          List<String> instructions = group.get(i).instructions();
          if (turn < instructions.size()) {
            EditRequest request = new EditRequest(images.get(i), instructions.get(turn), options);
            edits.put(i, editor.begin(request, EditObserver.NONE));
          }
        }
        List<SmartEdit.Edit> together = List.copyOf(edits.values());
        while (!together.get(0).isDone()) {
          editor.step(together);
        }
        edits.forEach((i, edit) -> images.set(i, editor.decode(edit)));
      } finally {
        edits.values().forEach(SmartEdit.Edit::close);
      }
    }
    return images;
  }

  private static void writeTable(List<Point> points, Path out) throws IOException {
    CsvSchema.Builder schema = CsvSchema.builder();
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Point point : points) {
      Map<String, Object> line = new LinkedHashMap<>();
      Lever lever = point.lever();
      line.put("sampler", lever.sampler().toString());
      line.put("precision", lever.precision().toString());
      line.put("guidance_from", lever.from());
      line.put("guidance_until", lever.until());
      line.put("steps", lever.steps());
      line.put("edits", point.edits());
      line.put("seconds_an_edit", rounded(point.seconds()));
      point.means().forEach((metric, mean) -> line.put(metric, rounded(mean)));
      line.put("holds", point.holds(points.get(0)));
      lines.add(line);
    }
    lines.get(0).keySet().forEach(schema::addColumn);
    new CsvMapper()
        .writer(schema.build().withHeader())
        .writeValue(out.resolve("sweep.csv").toFile(), lines);
  }

  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  /** The score over seconds, a curve for every combination of levers but the steps. */
  private static void plot(List<Point> points, Path out) throws IOException {
    Set<String> metrics = points.get(0).means().keySet();
    String metric = metrics.contains("right") ? "right" : metrics.iterator().next();
    Map<String, XYSeries> curves = new LinkedHashMap<>();
    for (Point point : points) {
      curves
          .computeIfAbsent(point.lever().curve(), XYSeries::new)
          .add(point.seconds(), point.means().get(metric));
    }
    XYSeriesCollection data = new XYSeriesCollection();
    curves.values().forEach(data::addSeries);
    JFreeChart chart =
        ChartFactory.createXYLineChart(
            null, "seconds an edit", metric, data, PlotOrientation.VERTICAL, true, false, false);
    ((XYPlot) chart.getPlot()).setRenderer(new XYLineAndShapeRenderer(true, true));
    ChartUtils.saveChartAsPNG(out.resolve("sweep.png").toFile(), chart, 1200, 700);
  }
}
