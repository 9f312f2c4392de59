package io.smartedit.editor.image;

import com.luciad.imageio.webp.WebPWriteParam;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.NodeList;

/** Pixels to the bytes of a file that holds nothing else. */
final class Encoder {

  private static final String JPEG_METADATA = "javax_imageio_jpeg_image_1.0";

  /** From here on colours are not halved in resolution: red letters on grey stay sharp. */
  private static final float FULL_COLOUR = 0.9f;

  /** Of libwebp's lossless coder: half the time of its usual one, for 0 to 3 % of the size. */
  private static final int LOSSLESS_METHOD = 1;

  private static final float LOSSLESS_EFFORT = 0.2f;

  private Encoder() {}

  /** The file, in a buffer of its writer's. */
  static ByteBuffer encode(BufferedImage image, Encoding encoding) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(encoding.format().extension()).next();
    Output output = new Output();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(output)) {
      writer.setOutput(stream);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      IIOMetadata metadata = null;
      switch (encoding.format()) {
        case PNG -> {}
        case JPEG -> {
          parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
          parameters.setCompressionQuality(encoding.share());
          metadata = fullColour(writer, image, parameters, encoding);
        }
        case WEBP -> webp((WebPWriteParam) parameters, encoding);
      }
      writer.write(null, new IIOImage(image, null, metadata), parameters);
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot encode "
              + image.getWidth()
              + "x"
              + image.getHeight()
              + " as "
              + encoding.format(),
          e);
    } finally {
      writer.dispose();
    }
    return output.bytes();
  }

  private static void webp(WebPWriteParam parameters, Encoding encoding) {
    parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    parameters.setCompressionType(encoding.isLossless() ? "Lossless" : "Lossy");
    parameters.setExact(true); // colours stay also where nobody sees them
    if (encoding.isLossless()) {
      parameters.setMethod(LOSSLESS_METHOD);
      parameters.setCompressionQuality(LOSSLESS_EFFORT);
    } else {
      parameters.setCompressionQuality(encoding.share());
    }
  }

  private static @Nullable IIOMetadata fullColour(
      ImageWriter writer, BufferedImage image, ImageWriteParam parameters, Encoding encoding)
      throws IOException {
    if (encoding.share() < FULL_COLOUR) {
      return null;
    }
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), parameters);
    IIOMetadataNode tree = (IIOMetadataNode) metadata.getAsTree(JPEG_METADATA);
    NodeList components = tree.getElementsByTagName("componentSpec");
    for (int i = 0; i < components.getLength(); i++) {
      IIOMetadataNode component = (IIOMetadataNode) components.item(i);
      component.setAttribute("HsamplingFactor", "1");
      component.setAttribute("VsamplingFactor", "1");
    }
    metadata.setFromTree(JPEG_METADATA, tree);
    return metadata;
  }

  /** Gives its buffer away instead of a copy. */
  private static final class Output extends ByteArrayOutputStream {
    private ByteBuffer bytes() {
      return ByteBuffer.wrap(buf, 0, count).slice();
    }
  }
}
