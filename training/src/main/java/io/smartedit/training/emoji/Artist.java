package io.smartedit.training.emoji;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;

/**
 * Draws sprites at any size and hue, in plain arithmetic, so that a scene is the same on every
 * machine. Thread-safe.
 */
final class Artist {

  private static final float SATURATED = 0.25f;

  private final Map<Look, float[]> scaled = new ConcurrentHashMap<>();
  private final Map<Look, BufferedImage> images = new ConcurrentHashMap<>();

  private record Look(Sprite sprite, Hue hue, int size) {}

  /** Premultiplied RGBA in 0..1, {@code [size][size][4]}; shared, not to be changed. */
  float[] draw(Sprite sprite, Hue hue, int size) {
    Look look = new Look(sprite, hue, size);
    return size > Scene.SIDE ? scale(look) : scaled.computeIfAbsent(look, this::scale);
  }

  /** Each pixel is the mean over the area of the original that it covers. */
  private float[] scale(Look look) {
    BufferedImage image =
        images.computeIfAbsent(new Look(look.sprite, look.hue, 0), key -> coloured(key));
    int size = look.size;
    float[] result = new float[size * size * 4];
    double ratio = (double) image.getWidth() / size;
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        average(image, x * ratio, y * ratio, ratio, result, (y * size + x) * 4);
      }
    }
    return result;
  }

  private static void average(
      BufferedImage image, double left, double top, double side, float[] result, int at) {
    double[] sum = new double[4];
    for (int y = (int) top; y < Math.min(image.getHeight(), Math.ceil(top + side)); y++) {
      double tall = Math.min(y + 1, top + side) - Math.max(y, top);
      for (int x = (int) left; x < Math.min(image.getWidth(), Math.ceil(left + side)); x++) {
        double weight = tall * (Math.min(x + 1, left + side) - Math.max(x, left));
        int argb = image.getRGB(x, y);
        double alpha = (argb >>> 24) / 255.0;
        sum[0] += weight * alpha * (argb >> 16 & 0xFF) / 255;
        sum[1] += weight * alpha * (argb >> 8 & 0xFF) / 255;
        sum[2] += weight * alpha * (argb & 0xFF) / 255;
        sum[3] += weight * alpha;
      }
    }
    for (int c = 0; c < 4; c++) {
      result[at + c] = (float) (sum[c] / (side * side));
    }
  }

  private static BufferedImage coloured(Look look) {
    BufferedImage image = read(look.sprite);
    if (look.hue == Hue.NATURAL) {
      return image;
    }
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int argb = image.getRGB(x, y);
        float[] hsb = Color.RGBtoHSB(argb >> 16 & 0xFF, argb >> 8 & 0xFF, argb & 0xFF, null);
        if (hsb[1] > SATURATED) {
          int rgb = Color.HSBtoRGB(look.hue.degrees() / 360f, hsb[1], hsb[2]);
          image.setRGB(x, y, (argb & 0xFF000000) | (rgb & 0xFFFFFF));
        }
      }
    }
    return image;
  }

  private static BufferedImage read(Sprite sprite) {
    String file = sprite + ".png";
    try (InputStream stream = Artist.class.getResourceAsStream(file)) {
      if (stream == null) {
        throw new IllegalStateException("the sprite " + file + " is missing from the jar");
      }
      BufferedImage image = ImageIO.read(stream);
      BufferedImage argb =
          new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
      argb.createGraphics().drawImage(image, 0, 0, null);
      return argb;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
