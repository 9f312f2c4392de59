package io.smartedit.worker;

import io.smartedit.worker.ScaleReport.Pace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Edits a second over the number of workers as SVG, both axes logarithmic, beside a straight line.
 */
final class ScalePlot {

  private static final int WIDTH = 640;
  private static final int HEIGHT = 400;
  private static final int LEFT = 70;
  private static final int BOTTOM = 340;
  private static final int RIGHT = 580;
  private static final int TOP = 50;

  private final int[] workers;
  private final List<Pace> paces;

  ScalePlot(int[] workers, List<Pace> paces) {
    this.workers = workers.clone();
    this.paces = List.copyOf(paces);
  }

  void write(Path file) throws IOException {
    double first = paces.get(0).rate() / workers[0];
    String measured =
        IntStream.range(0, workers.length)
            .mapToObj(i -> point(workers[i], paces.get(i).rate()))
            .collect(Collectors.joining(" "));
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img">
        <title>Edits a second over workers, in the scale model</title>
        <rect width="100%%" height="100%%" fill="#fff"/>
        <text x="%d" y="28" font-size="15">Edits a second over workers (scale model)</text>
        <polyline points="%s %s" fill="none" stroke="#999" stroke-dasharray="6 4"/>
        <polyline points="%s" fill="none" stroke="#0b62c4" stroke-width="2.5"/>
        <text x="%d" y="%d" fill="#666">dashed: as many times one worker's</text>
        <text x="%d" y="%d" text-anchor="middle">workers</text>
        """
            .formatted(
                WIDTH,
                HEIGHT,
                LEFT,
                point(workers[0], workers[0] * first),
                point(last(), last() * first),
                measured,
                LEFT + 20,
                TOP + 20,
                (LEFT + RIGHT) / 2,
                HEIGHT - 12));
    for (int i = 0; i < workers.length; i++) {
      svg.append(mark(workers[i], paces.get(i).rate()));
    }
    Files.writeString(file, svg.append("</svg>\n"));
  }

  private String mark(int count, double rate) {
    String[] at = point(count, rate).split(",", -1);
    return """
    <circle cx="%1$s" cy="%2$s" r="4" fill="#0b62c4"/>
    <text x="%1$s" y="%2$s" dx="8" dy="16">%3$.1f</text>
    <text x="%1$s" y="%4$d" text-anchor="middle">%5$d</text>
    """
        .formatted(at[0], at[1], rate, BOTTOM + 22, count);
  }

  /** Linear growth from the first worker to the last fills the frame. */
  private String point(double count, double rate) {
    double first = paces.get(0).rate() / workers[0];
    double span = Math.log(last() / (double) workers[0]);
    double x = LEFT + (RIGHT - LEFT) * Math.log(count / workers[0]) / span;
    double y = BOTTOM - (BOTTOM - TOP) * Math.log(rate / (first * workers[0])) / span;
    return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
  }

  private int last() {
    return workers[workers.length - 1];
  }
}
