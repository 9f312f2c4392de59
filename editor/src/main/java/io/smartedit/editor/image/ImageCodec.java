package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Encoded files to upright 8-bit RGB images and back.
 *
 * <p>Reads PNG, JPEG (CMYK too), WebP, GIF, BMP and TIFF: colours are brought to sRGB, the EXIF
 * orientation is applied, transparency is laid over white, 16-bit samples are rounded to 8. A file
 * is told by its first bytes. Sizes are checked before pixels are allocated. Thread-safe.
 */
public final class ImageCodec {

  static {
    ImageIO.setUseCache(false); // no temporary files
  }

  private ImageCodec() {}

  /** A file format that images are written in. */
  public enum Format {
    PNG("PNG", "png", Integer.MAX_VALUE),
    JPEG("JPEG", "jpg", 65_535),
    WEBP("WebP", "webp", 16_383);

    private final String label;
    private final String extension;
    private final int maxSide;

    Format(String label, String extension, int maxSide) {
      this.label = label;
      this.extension = extension;
      this.maxSide = maxSide;
    }

    /** As people write it. */
    public String label() {
      return label;
    }

    /** As in a file name. */
    public String extension() {
      return extension;
    }

    public String mediaType() {
      return "image/" + name().toLowerCase(Locale.ROOT);
    }

    /** The longest side that it can say. */
    int maxSide() {
      return maxSide;
    }

    /** By a file name's ending. */
    public static Format of(String fileName) {
      String name = fileName.toLowerCase(Locale.ROOT);
      if (name.endsWith(".jpeg")) {
        return JPEG;
      }
      for (Format format : values()) {
        if (name.endsWith("." + format.extension)) {
          return format;
        }
      }
      throw new BadRequestException(
          "cannot write " + fileName + ": its name must end in .png, .jpg, .jpeg or .webp");
    }
  }

  /**
   * Decodes the first and only frame.
   *
   * @throws BadRequestException if the bytes are not an image, are damaged or cut off, hold several
   *     frames, or exceed a limit
   */
  public static Image decode(byte[] bytes, ImageLimits limits) {
    Container container = Container.of(bytes, limits);
    try {
      return upright(Decoder.decode(container), container.orientation());
    } catch (BadRequestException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers throw whatever damaged bytes lead them to.
      throw new BadRequestException("image is damaged or cut off: " + firstLine(e), e);
    }
  }

  /** The encoded image, with the format's usual quality. */
  public static byte[] encode(Image image, Format format) {
    return write(image, Encoding.of(format), null);
  }

  /** The same, and the file says where it comes from. */
  public static byte[] encode(Image image, Format format, Provenance provenance) {
    return write(image, Encoding.of(format), provenance);
  }

  /**
   * An encoded image that says where it comes from.
   *
   * @throws BadRequestException if the format cannot hold it
   */
  public static byte[] encode(Image image, Encoding encoding, Provenance provenance) {
    return write(image, encoding, provenance);
  }

  /** The image as Java draws it. */
  public static BufferedImage image(Image image) {
    return RgbRaster.image(image);
  }

  private static byte[] write(Image image, Encoding encoding, @Nullable Provenance provenance) {
    encoding.requireHolds(image.width(), image.height());
    BufferedImage buffered = RgbRaster.over(image.width(), image.height(), image.rgb());
    byte[] xmp = provenance == null ? null : provenance.packet().getBytes(StandardCharsets.UTF_8);
    return Envelope.around(
        Encoder.encode(buffered, encoding),
        encoding.format(),
        image.width(),
        image.height(),
        new Companions(null, null, null, xmp, null));
  }

  private static Image upright(Image source, int orientation) {
    if (orientation == 1) {
      return source;
    }
    boolean swaps = orientation >= 5;
    int width = swaps ? source.height() : source.width();
    int height = swaps ? source.width() : source.height();
    byte[] rgb = new byte[source.rgb().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int u = swaps ? y : x;
        int v = swaps ? x : y;
        // 2, 3, 7, 8 mirror the source's columns; 3, 4, 6, 7 its rows.
        boolean flipU =
            orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean flipV =
            orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int sx = flipU ? source.width() - 1 - u : u;
        int sy = flipV ? source.height() - 1 - v : v;
        System.arraycopy(source.rgb(), 3 * (sy * source.width() + sx), rgb, 3 * (y * width + x), 3);
      }
    }
    return new Image(width, height, rgb);
  }

  private static String firstLine(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }
}
