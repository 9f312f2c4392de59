package io.smartedit.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** The log of a stage as an image: one line a loss, each scaled to its own range. */
final class LossCurve {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 400;
  private static final int MARGIN = 20;

  private LossCurve() {}

  static void draw(Path csv, Path png) throws IOException {
    if (!Files.exists(csv)) {
      return;
    }
    List<String> lines = Files.readAllLines(csv);
    String[] names = lines.get(0).split(",", -1);
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.setStroke(new BasicStroke(2));
    for (int column = 2; column < names.length; column++) {
      List<Double> values = column(lines, column);
      pen.setColor(Color.getHSBColor((column - 2) / (float) (names.length - 2), 0.9f, 0.75f));
      curve(pen, values);
      double last = values.isEmpty() ? 0 : values.get(values.size() - 1);
      pen.drawString("%s %.4f".formatted(names[column], last), WIDTH - 160, 16 * column - 8);
    }
    pen.dispose();
    ImageIO.write(image, "png", png.toFile());
  }

  private static List<Double> column(List<String> lines, int column) {
    List<Double> values = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      if (cells.length > column) {
        values.add(Double.parseDouble(cells[column]));
      }
    }
    return values;
  }

  private static void curve(Graphics2D pen, List<Double> values) {
    double low = values.stream().mapToDouble(v -> v).min().orElse(0);
    double high = values.stream().mapToDouble(v -> v).max().orElse(1);
    int lastX = 0;
    int lastY = 0;
    for (int i = 0; i < values.size(); i++) {
      int x = MARGIN + i * (WIDTH - 200) / Math.max(1, values.size() - 1);
      double share = high > low ? (values.get(i) - low) / (high - low) : 0;
      int y = HEIGHT - MARGIN - (int) (share * (HEIGHT - 2 * MARGIN));
      if (i > 0) {
        pen.drawLine(lastX, lastY, x, y);
      }
      lastX = x;
      lastY = y;
    }
  }
}
