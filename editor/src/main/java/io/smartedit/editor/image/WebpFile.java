package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Chunks of a WebP (RFC 9649). */
final class WebpFile {

  private static final int HEADER = 12;
  private static final int ANIMATED = 0x02;

  private WebpFile() {}

  static Container parse(byte[] bytes) {
    try {
      return chunks(bytes, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw Container.cutOff(FileFormat.WEBP);
    }
  }

  private static Container chunks(byte[] bytes, ByteBuffer file) {
    long end = 8 + (file.getInt(4) & 0xFFFF_FFFFL);
    if (end > file.capacity()) {
      throw Container.cutOff(FileFormat.WEBP);
    }
    int width = 0;
    int height = 0;
    int orientation = 1;
    int frames = 0;
    boolean animated = false;
    Colours colours = Colours.SRGB;
    Metadata.Builder metadata = new Metadata.Builder();
    long at = HEADER;
    while (at + 8 <= end) {
      file.position((int) at);
      int type = Integer.reverseBytes(file.getInt());
      long length = file.getInt() & 0xFFFF_FFFFL;
      if (at + 8 + length > end) {
        throw Container.cutOff(FileFormat.WEBP);
      }
      ByteBuffer data = file.slice((int) at + 8, (int) length).order(ByteOrder.LITTLE_ENDIAN);
      switch (type) {
        case 'V' << 24 | 'P' << 16 | '8' << 8 | 'X' -> animated |= (data.get(0) & ANIMATED) != 0;
        case 'V' << 24 | 'P' << 16 | '8' << 8 | ' ' -> {
          width = data.getShort(6) & 0x3FFF;
          height = data.getShort(8) & 0x3FFF;
        }
        case 'V' << 24 | 'P' << 16 | '8' << 8 | 'L' -> {
          int bits = data.getInt(1);
          width = 1 + (bits & 0x3FFF);
          height = 1 + (bits >>> 14 & 0x3FFF);
        }
        case 'A' << 24 | 'N' << 16 | 'I' << 8 | 'M' -> animated = true;
        case 'A' << 24 | 'N' << 16 | 'M' << 8 | 'F' -> frames++;
        case 'I' << 24 | 'C' << 16 | 'C' << 8 | 'P' -> colours = profile(data);
        case 'E' << 24 | 'X' << 16 | 'I' << 8 | 'F' -> {
          orientation = TiffTags.orientation(data);
          metadata.exif(bytes, (int) at + 8, (int) length);
        }
        case 'X' << 24 | 'M' << 16 | 'P' << 8 | ' ' ->
            metadata.xmp(bytes, (int) at + 8, (int) length);
        default -> {} // alpha, and what nobody knows
      }
      at += 8 + length + (length & 1);
    }
    if (animated || frames > 0) {
      throw new BadRequestException(
          "image is an animated WebP of " + frames + " frames; only single images are edited");
    }
    if (width == 0 || height == 0) {
      throw Container.damaged(FileFormat.WEBP, "has no image");
    }
    Container.Part all = new Container.Part(bytes, 0, (int) end);
    return new Container(
        FileFormat.WEBP, width, height, 8, 4, orientation, colours, metadata.build(), List.of(all));
  }

  private static Colours profile(ByteBuffer data) {
    if (data.remaining() > Colours.MAX_PROFILE_BYTES) {
      throw new BadRequestException(
          "image has a colour profile of more than " + Colours.MAX_PROFILE_BYTES + " bytes");
    }
    byte[] profile = new byte[data.remaining()];
    data.get(profile);
    return Colours.of(profile);
  }
}
