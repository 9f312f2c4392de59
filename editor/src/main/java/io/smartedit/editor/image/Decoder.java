package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/** Pixels of a container, not yet upright. */
final class Decoder {

  private static final String JPEG_DAMAGE = "Corrupt JPEG data";
  private static final String JPEG_CUT = "Premature end";

  /** What libjpeg calls corrupt and everybody's camera does. */
  private static final String JPEG_HARMLESS = "extraneous bytes";

  private final Container container;
  private @Nullable String damage;

  private Decoder(Container container) {
    this.container = container;
  }

  /**
   * Decodes.
   *
   * @throws IOException and runtime exceptions of any kind where damaged bytes lead the reader
   *     there
   */
  static FullImage decode(Container container) throws IOException {
    return new Decoder(container).decode();
  }

  private FullImage decode() throws IOException {
    ImageReader reader = reader(container.format());
    try (ImageInputStream stream = new MemoryCacheImageInputStream(container.essence())) {
      reader.setInput(stream, true, true);
      reader.addIIOReadWarningListener((source, warning) -> warned(warning));
      FullImage image = read(reader);
      if (damage != null) {
        throw new BadRequestException("image is damaged or cut off: " + damage);
      }
      return image;
    } finally {
      reader.dispose();
    }
  }

  private void warned(String warning) {
    boolean harmful = warning.startsWith(JPEG_DAMAGE) || warning.startsWith(JPEG_CUT);
    if (damage == null && harmful && !warning.contains(JPEG_HARMLESS)) {
      damage = warning;
    }
  }

  /** The one reader of a format: not whatever else the class path offers. */
  private static ImageReader reader(FileFormat format) {
    return ImageIO.getImageReadersByFormatName(format.name().toLowerCase(Locale.ROOT)).next();
  }

  private FullImage read(ImageReader reader) throws IOException {
    int width = container.width();
    int height = container.height();
    boolean ink =
        container.format() == FileFormat.JPEG && container.colours().samples().channels == 4;
    if (ink) {
      Raster raster = reader.readRaster(0, null);
      require(raster.getWidth(), raster.getHeight());
      return RgbRaster.of(raster, 4, false, container.colours(), container.metadata());
    }
    Optional<Space> space = container.colours().delivered(3);
    if (!canReadRedFirst(reader) || space.isEmpty()) {
      BufferedImage image = readAny(reader);
      require(image.getWidth(), image.getHeight());
      return RgbRaster.of(image, container.colours(), container.metadata());
    }
    FullImage.Samples samples = FullImage.Samples.allocate(width, height, 3, false);
    ImageReadParam into = reader.getDefaultReadParam();
    into.setDestination(RgbRaster.over(width, height, samples));
    reader.read(0, into);
    return new FullImage(width, height, samples, space.get(), container.metadata());
  }

  private BufferedImage readAny(ImageReader reader) throws IOException {
    try {
      return reader.read(0);
    } catch (OutOfMemoryError e) {
      // libwebp's word for tables too large for any image, passed on as an error without a message.
      if (container.format() == FileFormat.WEBP && e.getMessage() == null) {
        throw new BadRequestException(
            "image is damaged: its WebP data asks for too much memory", e);
      }
      throw e;
    }
  }

  private void require(int width, int height) {
    if (width != container.width() || height != container.height()) {
      throw Container.damaged(container.format(), "has two sizes");
    }
  }

  /** Readers of other formats write blue first whatever they are given. */
  private boolean canReadRedFirst(ImageReader reader) throws IOException {
    require(reader.getWidth(0), reader.getHeight(0));
    return (container.format() == FileFormat.JPEG || container.format() == FileFormat.PNG)
        && reader.getImageTypes(0).next().getBufferedImageType() == BufferedImage.TYPE_3BYTE_BGR;
  }
}
