package io.smartedit.standalone;

import io.smartedit.image.Picture;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/** The demo's pictures, drawn on the spot, and the sheet that shows what became of them. */
final class DemoPictures {

  private static final int WIDTH = 240;
  private static final int HEIGHT = 180;
  private static final int MARGIN = 12;
  private static final int TEXT = 18;

  /** A picture and what to do to it. */
  record Sample(String name, Picture picture, String instruction) {}

  /** A finished pair. */
  record Pair(Sample sample, Picture edited) {}

  private DemoPictures() {}

  static List<Sample> samples() {
    return List.of(
        new Sample("circles", circles(), "remove the smaller circle"),
        new Sample("house", house(), "make the house blue"),
        new Sample("stripes", stripes(), "replace the stripes by dots"),
        new Sample("sunset", sunset(), "remove the sun"));
  }

  /** Sources above, results below, one column a sample. */
  static Picture sheet(String title, List<Pair> pairs) {
    int columns = Math.max(1, pairs.size());
    BufferedImage image =
        new BufferedImage(
            MARGIN + columns * (WIDTH + MARGIN),
            2 * (HEIGHT + MARGIN) + 2 * TEXT + 2 * MARGIN,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = graphics(image, Color.WHITE);
    graphics.setColor(Color.DARK_GRAY);
    graphics.drawString(title, MARGIN, TEXT);
    for (int i = 0; i < pairs.size(); i++) {
      int x = MARGIN + i * (WIDTH + MARGIN);
      int y = TEXT + MARGIN;
      graphics.drawImage(toImage(pairs.get(i).sample().picture()), x, y, WIDTH, HEIGHT, null);
      graphics.drawString(pairs.get(i).sample().instruction(), x, y + HEIGHT + TEXT);
      graphics.drawImage(
          toImage(pairs.get(i).edited()), x, y + HEIGHT + TEXT + MARGIN, WIDTH, HEIGHT, null);
    }
    graphics.dispose();
    return toPicture(image);
  }

  private static Picture circles() {
    BufferedImage image = blank();
    Graphics2D graphics = graphics(image, new Color(0xDDE7F0));
    graphics.setColor(new Color(0xC0392B));
    graphics.fillOval(20, 40, 110, 110);
    graphics.setColor(new Color(0x27AE60));
    graphics.fillOval(160, 90, 50, 50);
    graphics.dispose();
    return toPicture(image);
  }

  private static Picture house() {
    BufferedImage image = blank();
    Graphics2D graphics = graphics(image, new Color(0xAED6F1));
    graphics.setColor(new Color(0x58A55C));
    graphics.fillRect(0, 130, WIDTH, 50);
    graphics.setColor(new Color(0xF5CBA7));
    graphics.fillRect(70, 80, 100, 70);
    graphics.setColor(new Color(0x922B21));
    graphics.fillPolygon(new int[] {55, 120, 185}, new int[] {80, 30, 80}, 3);
    graphics.dispose();
    return toPicture(image);
  }

  private static Picture stripes() {
    BufferedImage image = blank();
    Graphics2D graphics = graphics(image, Color.WHITE);
    graphics.setColor(new Color(0x34495E));
    graphics.setStroke(new BasicStroke(14));
    for (int x = -HEIGHT; x < WIDTH; x += 40) {
      graphics.drawLine(x, HEIGHT, x + HEIGHT, 0);
    }
    graphics.dispose();
    return toPicture(image);
  }

  private static Picture sunset() {
    BufferedImage image = blank();
    Graphics2D graphics = graphics(image, new Color(0xF39C12));
    graphics.setColor(new Color(0xFDEBD0));
    graphics.fillOval(90, 50, 60, 60);
    graphics.setColor(new Color(0x1B4F72));
    graphics.fillRect(0, 110, WIDTH, 70);
    graphics.dispose();
    return toPicture(image);
  }

  private static BufferedImage blank() {
    return new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
  }

  private static Graphics2D graphics(BufferedImage image, Color background) {
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.setColor(background);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    return graphics;
  }

  private static Picture toPicture(BufferedImage image) {
    byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
    for (int y = 0, at = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int pixel = image.getRGB(x, y);
        rgb[at++] = (byte) (pixel >> 16);
        rgb[at++] = (byte) (pixel >> 8);
        rgb[at++] = (byte) pixel;
      }
    }
    return new Picture(image.getWidth(), image.getHeight(), rgb);
  }

  private static BufferedImage toImage(Picture picture) {
    BufferedImage image =
        new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < picture.height(); y++) {
      for (int x = 0; x < picture.width(); x++) {
        image.setRGB(
            x,
            y,
            picture.sample(x, y, 0) << 16 | picture.sample(x, y, 1) << 8 | picture.sample(x, y, 2));
      }
    }
    return image;
  }
}
