package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Encoded files to upright images and back.
 *
 * <p>Reads PNG, JPEG (CMYK too), WebP, GIF, BMP and TIFF, with all that they hold ({@link
 * FullImage}) or as the model sees them ({@link Image}): colours are brought to sRGB, transparency
 * is laid over white, 16-bit samples are rounded to 8. A file is told by its first bytes. Sizes are
 * checked before pixels are allocated. Thread-safe.
 */
public final class ImageCodec {

  static {
    ImageIO.setUseCache(false); // no temporary files
  }

  /** One segment's; what is longer is left out for our own. */
  private static final int MOST_XMP_IN_JPEG = 65_000;

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
    return decodeFull(bytes, limits).view();
  }

  /** The same with all that its file holds. */
  public static FullImage decodeFull(byte[] bytes, ImageLimits limits) {
    Container container = Container.of(bytes, limits);
    try {
      return Decoder.decode(container).upright(container.orientation());
    } catch (BadRequestException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // ImageIO's readers throw whatever damaged bytes lead them to.
      throw new BadRequestException("image is damaged or cut off: " + firstLine(e), e);
    }
  }

  /** The encoded image, with the format's usual quality. */
  public static byte[] encode(Image image, Format format) {
    return write(FullImage.of(image), Encoding.of(format), null);
  }

  /** The same, and the file says where it comes from. */
  public static byte[] encode(Image image, Format format, Provenance provenance) {
    return write(FullImage.of(image), Encoding.of(format), provenance);
  }

  /**
   * An encoded image that says where it comes from: in its own colour space; with its alpha, but in
   * JPEG over white; with its 16 bits in PNG.
   *
   * @throws BadRequestException if the format cannot hold it
   */
  public static byte[] encode(FullImage image, Encoding encoding, Provenance provenance) {
    return write(image, encoding, provenance);
  }

  /** The image as Java draws it. */
  public static BufferedImage image(Image image) {
    return RgbRaster.image(image);
  }

  private static byte[] write(FullImage image, Encoding encoding, @Nullable Provenance provenance) {
    encoding.requireHolds(image.width(), image.height());
    boolean deep = image.isDeep() && encoding.format() == Format.PNG;
    boolean alpha = image.hasAlpha() && encoding.format() != Format.JPEG;
    BufferedImage buffered = image.buffered(deep, alpha);
    return Envelope.around(
        Encoder.encode(buffered, encoding),
        encoding.format(),
        image.width(),
        image.height(),
        companions(image, encoding, provenance));
  }

  /** What goes beside the pixels: of the source's what is wanted and holds, and whence it comes. */
  private static Companions companions(
      FullImage image, Encoding encoding, @Nullable Provenance provenance) {
    Metadata source = image.metadata();
    boolean any = encoding.keep() != Encoding.Keep.NOTHING;
    boolean location = encoding.keep() == Encoding.Keep.ALL;
    byte[] exif = any ? source.exif() : null;
    if (exif != null) {
      exif = ExifWriter.rewritten(exif, image.width(), image.height(), location);
    }
    byte[] iptc = any ? source.iptc() : null;
    if (iptc != null && !location) {
      iptc = Iptc.withoutLocation(iptc);
    }
    byte[] xmp = null;
    if (provenance != null) {
      xmp = XmpPacket.of(any ? source.xmp() : null, location, provenance);
      if (encoding.format() == Format.JPEG && xmp.length > MOST_XMP_IN_JPEG) {
        xmp = XmpPacket.of(null, location, provenance);
      }
    }
    return new Companions(image.space().profile(), exif, iptc, xmp, source.resolution());
  }

  private static String firstLine(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }
}
