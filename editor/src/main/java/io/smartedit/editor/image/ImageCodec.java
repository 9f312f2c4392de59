package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Encoded files to upright 8-bit RGB images and back.
 *
 * <p>Reads PNG, JPEG (CMYK too), WebP, GIF, BMP and TIFF: colours are brought to sRGB, the EXIF
 * orientation is applied, transparency is laid over white, 16-bit samples are rounded to 8. A file
 * is told by its first bytes. Sizes are checked before pixels are allocated. Thread-safe.
 */
public final class ImageCodec {

  private static final float JPEG_QUALITY = 0.95f;

  static {
    ImageIO.setUseCache(false); // no temporary files
  }

  private ImageCodec() {}

  /** A file format that images are written in. */
  public enum Format {
    PNG,
    JPEG;

    /** As in a file name. */
    public String extension() {
      return this == PNG ? "png" : "jpg";
    }

    public String mediaType() {
      return "image/" + name().toLowerCase(Locale.ROOT);
    }

    /** By a file name's ending. */
    public static Format of(String fileName) {
      String name = fileName.toLowerCase(Locale.ROOT);
      if (name.endsWith(".png")) {
        return PNG;
      }
      if (name.endsWith(".jpg") || name.endsWith(".jpeg")) {
        return JPEG;
      }
      throw new BadRequestException(
          "cannot write " + fileName + ": its name must end in .png, .jpg or .jpeg");
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

  /** The encoded image; JPEG at quality 0.95. */
  public static byte[] encode(Image image, Format format) {
    return write(image, format, null);
  }

  /** The same, and the file says where it comes from. */
  public static byte[] encode(Image image, Format format, Provenance provenance) {
    return write(image, format, provenance);
  }

  /** The image as Java draws it. */
  public static BufferedImage image(Image image) {
    return RgbRaster.image(image);
  }

  private static byte[] write(Image image, Format format, @Nullable Provenance provenance) {
    BufferedImage buffered = RgbRaster.over(image.width(), image.height(), image.rgb());
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format.extension()).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(stream);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (format == Format.JPEG) {
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(JPEG_QUALITY);
      }
      IIOMetadata metadata = null;
      if (provenance != null) {
        metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(buffered), parameters);
        provenance.addTo(metadata, format);
      }
      writer.write(null, new IIOImage(buffered, null, metadata), parameters);
    } catch (IOException e) {
      throw new IllegalStateException("cannot encode " + image + " as " + format, e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
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
