package io.smartedit.training;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Rows of images with a line of text each, written as one PNG. */
public final class SampleSheet {

  private static final int SHOWN_WIDTH = 128;
  private static final int GAP = 6;
  private static final int TEXT = 14;

  private final List<Row> rows = new ArrayList<>();

  private record Row(String caption, List<Image> images) {}

  /** Adds a row; all images of a sheet have one size. */
  public void add(String caption, Image... images) {
    rows.add(new Row(caption, List.of(images)));
  }

  /** Writes the sheet, with the rows in two columns. */
  public void write(Path png) throws IOException {
    Image first = rows.get(0).images.get(0);
    int zoom = Math.max(1, SHOWN_WIDTH / first.width());
    int cellWidth = (first.width() * zoom + GAP) * rows.get(0).images.size() + GAP;
    int cellHeight = first.height() * zoom + GAP + TEXT;
    int down = (rows.size() + 1) / 2;
    BufferedImage sheet =
        new BufferedImage(2 * cellWidth, down * cellHeight, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = sheet.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    pen.setColor(Color.BLACK);
    for (int i = 0; i < rows.size(); i++) {
      int x = i / down * cellWidth + GAP;
      int y = i % down * cellHeight;
      pen.drawString(rows.get(i).caption, x, y + TEXT - 3);
      for (Image image : rows.get(i).images) {
        pen.drawImage(
            ImageCodec.image(image),
            x,
            y + TEXT,
            image.width() * zoom,
            image.height() * zoom,
            null);
        x += image.width() * zoom + GAP;
      }
    }
    pen.dispose();
    ImageIO.write(sheet, "png", png.toFile());
  }
}
