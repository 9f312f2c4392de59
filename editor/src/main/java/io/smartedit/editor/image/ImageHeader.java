package io.smartedit.editor.image;

import io.smartedit.editor.BadRequestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** What an encoded file says of its image before any pixel is decoded. */
public record ImageHeader(int width, int height) {

  /** The reader's own pixels, our three bytes of each, and those turned upright. */
  private static final int BYTES_A_PIXEL = 7;

  /**
   * Reads the header; what is no image, {@link ImageCodec#decode} refuses with its reason.
   *
   * @throws BadRequestException if the file or the image exceeds a limit
   */
  public static ImageHeader read(byte[] bytes, ImageLimits limits) {
    if (bytes.length > limits.maxBytes()) {
      throw new BadRequestException(
          "image has " + bytes.length + " bytes, more than " + limits.maxBytes());
    }
    ImageHeader header = read(bytes);
    if ((long) header.width * header.height > limits.maxPixels()) {
      throw new BadRequestException(
          "image "
              + header.width
              + "x"
              + header.height
              + " exceeds "
              + limits.maxPixels()
              + " pixels");
    }
    return header;
  }

  private static ImageHeader read(byte[] bytes) {
    try (ImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        return new ImageHeader(0, 0);
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        return new ImageHeader(Math.max(0, reader.getWidth(0)), Math.max(0, reader.getHeight(0)));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      return new ImageHeader(0, 0); // ImageIO's readers throw whatever damaged bytes lead them to
    }
  }

  /** Memory that decoding takes at most. */
  public long decodingBytes() {
    return (long) BYTES_A_PIXEL * width * height;
  }
}
