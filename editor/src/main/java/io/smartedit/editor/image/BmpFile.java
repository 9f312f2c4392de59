package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Headers of a BMP; what profile its fifth version may carry is not read. */
final class BmpFile {

  private static final int FILE_HEADER = 14;
  private static final int OLD_HEADER = 12;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BIT_FIELDS = 3;

  private BmpFile() {}

  static Container parse(byte[] bytes) {
    try {
      return headers(bytes, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    } catch (IndexOutOfBoundsException e) {
      throw Container.cutOff(FileFormat.BMP);
    }
  }

  private static Container headers(byte[] bytes, ByteBuffer file) {
    long pixels = file.getInt(10) & 0xFFFF_FFFFL;
    int header = file.getInt(FILE_HEADER);
    boolean old = header == OLD_HEADER;
    if (!old && (header < 40 || header > 1024)) {
      throw Container.damaged(FileFormat.BMP, "has a header of " + header + " bytes");
    }
    int width = old ? file.getShort(18) & 0xFFFF : file.getInt(18);
    // Rows from the top where it is negative.
    int height = Math.abs(old ? file.getShort(20) & 0xFFFF : file.getInt(22));
    int depth = file.getShort(old ? 24 : 28);
    int compression = old ? 0 : file.getInt(30);
    if (compression < 0 || compression > BIT_FIELDS) {
      throw new BadRequestException(
          "image is a BMP of compression " + compression + "; 0 to 3 are read");
    }
    if (depth != 1 && depth != 4 && depth != 8 && depth != 16 && depth != 24 && depth != 32) {
      throw Container.damaged(FileFormat.BMP, "has " + depth + " bits a pixel");
    }
    if ((compression == RLE8 && depth != 8) || (compression == RLE4 && depth != 4)) {
      throw Container.damaged(FileFormat.BMP, "is compressed for another depth");
    }
    if (width > 0 && height > 0 && (compression == 0 || compression == BIT_FIELDS)) {
      long row = ((long) width * depth + 31) / 32 * 4;
      if (pixels + row * height > file.capacity()) {
        throw Container.cutOff(FileFormat.BMP);
      }
    }
    int sampleBytes = Math.max(1, depth / 8);
    return new Container(
        FileFormat.BMP,
        width,
        height,
        sampleBytes,
        3,
        1,
        Colours.SRGB,
        Metadata.NONE,
        List.of(Container.Part.of(bytes)));
  }
}
