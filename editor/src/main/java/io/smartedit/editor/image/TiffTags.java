package io.smartedit.editor.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The first directory of a TIFF, or of what EXIF keeps in one.
 *
 * @param data of the whole file, in its byte order
 * @param entries by their tags
 * @param next where the next directory lies; 0 where there is none
 */
record TiffTags(ByteBuffer data, Map<Integer, Entry> entries, long next) {

  static final int ORIENTATION = 274;
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

  /**
   * @param at where its values lie
   */
  record Entry(int type, int count, int at) {}

  /**
   * Reads a directory.
   *
   * @throws IndexOutOfBoundsException if it does not lie within the data
   */
  static TiffTags first(ByteBuffer file) {
    ByteBuffer data = file.slice();
    data.order(data.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    return at(data, data.getInt(4) & 0xFFFF_FFFFL);
  }

  static TiffTags at(ByteBuffer data, long directory) {
    if (directory < 8 || directory > data.capacity() - 2) {
      throw new IndexOutOfBoundsException("directory at " + directory);
    }
    int count = data.getShort((int) directory) & 0xFFFF;
    Map<Integer, Entry> entries = new HashMap<>();
    for (int i = 0; i < count; i++) {
      int at = (int) directory + 2 + 12 * i;
      int type = data.getShort(at + 2) & 0xFFFF;
      long values = data.getInt(at + 4) & 0xFFFF_FFFFL;
      long bytes = type < TYPE_BYTES.length ? values * TYPE_BYTES[type] : Long.MAX_VALUE;
      long place = bytes <= 4 ? at + 8 : data.getInt(at + 8) & 0xFFFF_FFFFL;
      if (bytes <= data.capacity() - place) {
        entries.put(data.getShort(at) & 0xFFFF, new Entry(type, (int) values, (int) place));
      }
    }
    int end = (int) directory + 2 + 12 * count;
    long next = end + 4 <= data.capacity() ? data.getInt(end) & 0xFFFF_FFFFL : 0;
    return new TiffTags(data, entries, next);
  }

  /** EXIF's orientation, 1 to 8; 1 where none is said or what is said is damaged. */
  static int orientation(ByteBuffer exif) {
    try {
      ByteBuffer data = exif.slice();
      byte[] start = new byte[6];
      data.get(0, start);
      boolean prefixed = new String(start, StandardCharsets.ISO_8859_1).startsWith("Exif\0");
      TiffTags tags = first(prefixed ? data.slice(6, data.capacity() - 6) : data);
      long orientation = tags.number(ORIENTATION, 1);
      return orientation < 1 || orientation > 8 ? 1 : (int) orientation;
    } catch (IndexOutOfBoundsException e) {
      return 1; // metadata is optional
    }
  }

  static ByteBuffer slice(byte[] bytes, int from, int length) {
    return ByteBuffer.wrap(bytes, from, Math.max(0, length)).slice();
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  int count(int tag) {
    Entry entry = entries.get(tag);
    return entry == null ? 0 : entry.count;
  }

  /** A tag's first value. */
  long number(int tag, long otherwise) {
    return count(tag) == 0 ? otherwise : number(tag, 0, otherwise);
  }

  /** A tag's value at a place. */
  long number(int tag, int index, long otherwise) {
    Entry entry = entries.get(tag);
    if (entry == null) {
      return otherwise;
    }
    return switch (entry.type) {
      case 1, 7 -> data.get(entry.at + index) & 0xFF;
      case 3 -> data.getShort(entry.at + 2 * index) & 0xFFFF;
      case 4 -> data.getInt(entry.at + 4 * index) & 0xFFFF_FFFFL;
      default -> otherwise;
    };
  }

  /** A rational's value; 0 where there is none. */
  double ratio(int tag) {
    Entry entry = entries.get(tag);
    if (entry == null || entry.type != 5 || entry.count < 1) {
      return 0;
    }
    double below = data.getInt(entry.at + 4) & 0xFFFF_FFFFL;
    return below == 0 ? 0 : (data.getInt(entry.at) & 0xFFFF_FFFFL) / below;
  }

  byte[] bytes(int tag) {
    Entry entry = entries.get(tag);
    if (entry == null || TYPE_BYTES[entry.type] != 1) {
      return new byte[0];
    }
    byte[] bytes = new byte[entry.count];
    data.get(entry.at, bytes);
    return bytes;
  }
}
