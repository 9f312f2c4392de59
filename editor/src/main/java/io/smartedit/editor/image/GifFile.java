package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.util.List;

/** Blocks of a GIF. */
final class GifFile {

  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2C;
  private static final int END = 0x3B;

  private final byte[] bytes;
  private int at = 6;

  private GifFile(byte[] bytes) {
    this.bytes = bytes;
  }

  static Container parse(byte[] bytes) {
    try {
      return new GifFile(bytes).blocks();
    } catch (IndexOutOfBoundsException e) {
      throw Container.cutOff(FileFormat.GIF);
    }
  }

  private Container blocks() {
    at = 13 + paletteBytes(bytes[10]);
    int frames = 0;
    int width = 0;
    int height = 0;
    while (true) {
      switch (bytes[at++] & 0xFF) {
        case EXTENSION -> {
          at++; // its label
          skipData();
        }
        case IMAGE -> {
          frames++;
          width = two(at + 4);
          height = two(at + 6);
          at += 9 + paletteBytes(bytes[at + 8]);
          at++; // code size
          skipData();
        }
        case END -> {
          if (frames != 1) {
            throw new BadRequestException(
                "image has " + frames + " frames; only single images are edited");
          }
          return new Container(
              FileFormat.GIF,
              width,
              height,
              1,
              4,
              1,
              Colours.SRGB,
              Metadata.NONE,
              List.of(new Container.Part(bytes, 0, at)));
        }
        default -> throw Container.damaged(FileFormat.GIF, "has an unknown block");
      }
    }
  }

  private void skipData() {
    int length;
    do {
      length = bytes[at] & 0xFF;
      at += 1 + length;
    } while (length > 0);
  }

  private static int paletteBytes(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private int two(int from) {
    return (bytes[from] & 0xFF) | (bytes[from + 1] & 0xFF) << 8;
  }
}
