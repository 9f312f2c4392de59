package io.smartedit.editor.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A source's EXIF for its result: upright, of the result's size, without thumbnail and maker's note
 * (whose offsets and previews would be stale), and without where it was taken if so wanted.
 */
final class ExifWriter {

  /** What of a first directory describes the image, and not how a TIFF stores it. */
  private static final Set<Integer> DESCRIBING =
      Set.of(
          270, 271, 272, 282, 283, 296, 305, 306, 315, 18246, 18249, 33432, 40091, 40092, 40093,
          40094, 40095);

  private static final int EXIF = 34665;
  private static final int GPS = 34853;
  private static final int WIDTH = 40962;
  private static final int HEIGHT = 40963;

  /** Maker's note, and what leads to further directories. */
  private static final Set<Integer> STALE = Set.of(37500, 40965, WIDTH, HEIGHT);

  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int HEADER = 8;

  /** What a segment of a JPEG holds. */
  private static final int MOST_BYTES = 65_000;

  private final ByteOrder order;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Value(int type, int count, byte[] bytes) {}

  private ExifWriter(ByteOrder order) {
    this.order = order;
  }

  /** Null where it is damaged, says nothing, or is too large. */
  static byte @Nullable [] rewritten(byte[] exif, int width, int height, boolean location) {
    try {
      int start = exif.length > 6 && exif[0] == 'E' ? 6 : 0; // WebP's may have JPEG's mark
      TiffTags tags = TiffTags.first(TiffTags.slice(exif, start, exif.length - start));
      return new ExifWriter(tags.data().order()).rewritten(tags, width, height, location);
    } catch (IndexOutOfBoundsException e) {
      return null;
    }
  }

  private byte @Nullable [] rewritten(TiffTags tags, int width, int height, boolean location) {
    SortedMap<Integer, Value> first = values(tags, DESCRIBING, Set.of());
    SortedMap<Integer, Value> exif = new TreeMap<>();
    if (tags.has(EXIF)) {
      exif.putAll(values(TiffTags.at(tags.data(), tags.number(EXIF, 0)), Set.of(), STALE));
    }
    SortedMap<Integer, Value> gps = new TreeMap<>();
    if (location && tags.has(GPS)) {
      gps.putAll(values(TiffTags.at(tags.data(), tags.number(GPS, 0)), Set.of(), Set.of()));
    }
    if (first.isEmpty() && exif.isEmpty() && gps.isEmpty()) {
      return null;
    }
    first.put(TiffTags.ORIENTATION, number(SHORT, 1));
    exif.put(WIDTH, number(LONG, width));
    exif.put(HEIGHT, number(LONG, height));
    first.put(EXIF, number(LONG, 0));
    if (!gps.isEmpty()) {
      first.put(GPS, number(LONG, 0));
    }
    long exifAt = HEADER + size(first);
    long gpsAt = exifAt + size(exif);
    long end = gpsAt + (gps.isEmpty() ? 0 : size(gps));
    if (end > MOST_BYTES) {
      return null;
    }
    first.put(EXIF, number(LONG, (int) exifAt));
    if (!gps.isEmpty()) {
      first.put(GPS, number(LONG, (int) gpsAt));
    }
    ByteBuffer out = ByteBuffer.allocate((int) end).order(order);
    out.put((byte) (order == ByteOrder.BIG_ENDIAN ? 'M' : 'I'));
    out.put(out.get(0)).putShort((short) 42).putInt(HEADER);
    write(out, HEADER, first);
    write(out, (int) exifAt, exif);
    if (!gps.isEmpty()) {
      write(out, (int) gpsAt, gps);
    }
    return out.array();
  }

  private static SortedMap<Integer, Value> values(
      TiffTags tags, Set<Integer> wanted, Set<Integer> unwanted) {
    SortedMap<Integer, Value> values = new TreeMap<>();
    long total = 0;
    for (Map.Entry<Integer, TiffTags.Entry> tag : tags.entries().entrySet()) {
      TiffTags.Entry entry = tag.getValue();
      boolean taken = wanted.isEmpty() || wanted.contains(tag.getKey());
      if (!taken || unwanted.contains(tag.getKey()) || entry.type() < 1 || entry.count() < 1) {
        continue;
      }
      int length = entry.count() * TYPE_BYTES[entry.type()];
      total += length;
      if (total > MOST_BYTES) {
        throw new IndexOutOfBoundsException("more EXIF than a file holds");
      }
      byte[] bytes = new byte[length];
      tags.data().get(entry.at(), bytes);
      values.put(tag.getKey(), new Value(entry.type(), entry.count(), bytes));
    }
    return values;
  }

  private Value number(int type, int value) {
    ByteBuffer bytes = ByteBuffer.allocate(TYPE_BYTES[type]).order(order);
    return new Value(
        type,
        1,
        type == SHORT ? bytes.putShort((short) value).array() : bytes.putInt(value).array());
  }

  private static long size(SortedMap<Integer, Value> directory) {
    long size = 2 + 12L * directory.size() + 4;
    for (Value value : directory.values()) {
      size += value.bytes.length > 4 ? value.bytes.length + (value.bytes.length & 1) : 0;
    }
    return size;
  }

  private static void write(ByteBuffer out, int at, SortedMap<Integer, Value> directory) {
    out.position(at);
    out.putShort((short) directory.size());
    int place = at + 2 + 12 * directory.size() + 4;
    for (Map.Entry<Integer, Value> tag : directory.entrySet()) {
      Value value = tag.getValue();
      out.putShort((short) (int) tag.getKey()).putShort((short) value.type).putInt(value.count);
      if (value.bytes.length > 4) {
        out.putInt(place);
        out.put(place, value.bytes);
        place += value.bytes.length + (value.bytes.length & 1);
      } else {
        out.put(value.bytes).put(new byte[4 - value.bytes.length]);
      }
    }
    out.putInt(0); // no further directory: that would be the thumbnail's
  }
}
