package io.smartedit.editor.image;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.metadata.exif.ExifIFD0Directory;
import io.smartedit.editor.BadRequestException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Encoded files to upright 8-bit RGB images and back.
 *
 * <p>Reads PNG, JPEG (CMYK too), WebP, GIF, BMP: the EXIF orientation is applied, transparency is
 * laid over white, 16-bit samples are rounded to 8. Sizes are checked before pixels are allocated.
 * Thread-safe.
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
    if (bytes.length > limits.maxBytes()) {
      throw new BadRequestException(
          "image has " + bytes.length + " bytes, more than " + limits.maxBytes());
    }
    try (ImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new BadRequestException(
            "not an image in a format known here (PNG, JPEG, WebP, GIF, BMP)");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream);
        CompletenessCheck.require(bytes, reader.getFormatName());
        return upright(read(reader, limits), orientation(bytes));
      } finally {
        reader.dispose();
      }
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
    BufferedImage raster = RgbRaster.over(image.width(), image.height(), image.rgb());
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
        metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(raster), parameters);
        provenance.addTo(metadata, format);
      }
      writer.write(null, new IIOImage(raster, null, metadata), parameters);
    } catch (IOException e) {
      throw new IllegalStateException("cannot encode " + image + " as " + format, e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static Image read(ImageReader reader, ImageLimits limits) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (width < 1 || height < 1 || width > limits.maxSide() || height > limits.maxSide()) {
      throw new BadRequestException(
          "image " + width + "x" + height + " exceeds " + limits.maxSide() + " on a side");
    }
    if ((long) width * height > limits.maxPixels()) {
      throw new BadRequestException(
          "image " + width + "x" + height + " exceeds " + limits.maxPixels() + " pixels");
    }
    if (reader.getFormatName().equalsIgnoreCase("gif") && reader.getNumImages(true) > 1) {
      throw new BadRequestException(
          "image has " + reader.getNumImages(true) + " frames; only single images are edited");
    }
    try {
      if (!canReadRedFirst(reader)) {
        return RgbRaster.of(reader.read(0));
      }
      byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
      ImageReadParam into = reader.getDefaultReadParam();
      into.setDestination(RgbRaster.over(width, height, rgb));
      reader.read(0, into);
      return new Image(width, height, rgb);
    } catch (IIOException e) {
      throw new BadRequestException("image is damaged or cut off: " + firstLine(e), e);
    }
  }

  /** Readers of other formats write blue first whatever they are given. */
  private static boolean canReadRedFirst(ImageReader reader) throws IOException {
    String format = reader.getFormatName();
    return (format.equalsIgnoreCase("jpeg") || format.equalsIgnoreCase("png"))
        && reader.getImageTypes(0).next().getBufferedImageType() == BufferedImage.TYPE_3BYTE_BGR;
  }

  /** EXIF orientation, 1 to 8; 1 where none is said. */
  private static int orientation(byte[] bytes) throws IOException {
    try {
      ExifIFD0Directory exif =
          ImageMetadataReader.readMetadata(new ByteArrayInputStream(bytes), bytes.length)
              .getFirstDirectoryOfType(ExifIFD0Directory.class);
      Integer tag = exif == null ? null : exif.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
      return tag == null || tag < 1 || tag > 8 ? 1 : tag;
    } catch (ImageProcessingException e) {
      return 1; // metadata is optional: a format without any is upright
    }
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
