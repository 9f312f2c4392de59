package io.smartedit.provenance;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * JPEG: the manifest store is a JUMBF box in APP11 segments, one behind the other (C2PA 2.2, A.3.1;
 * ISO 19566-5, D.2).
 */
record Jpeg() implements Container {

  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int APP0 = 0xE0;
  private static final int APP1 = 0xE1;
  private static final int APP11 = 0xEB;

  private static final int JUMBF = 0x4A50; // "JP", the common identifier
  private static final int BOX_HEADER = 8; // LBox and TBox, said again in every segment
  private static final int SEGMENT_HEADER = 12; // marker, length, identifier, instance, number
  private static final int PART = 65_000; // of a store, in one segment of at most 65,535 bytes
  private static final int INSTANCE = 1;

  @Override
  public boolean begins(byte[] image) {
    return image.length >= 3
        && (image[0] & 0xFF) == 0xFF
        && (image[1] & 0xFF) == SOI
        && (image[2] & 0xFF) == 0xFF;
  }

  @Override
  public String mediaType() {
    return "image/jpeg";
  }

  @Override
  public List<EmbeddedStore> find(byte[] image) {
    List<EmbeddedStore> stores = new ArrayList<>();
    for (List<Segment> parts : storesOf(image, segments(image, false))) {
      ByteArrayOutputStream store = new ByteArrayOutputStream();
      int start = parts.get(0).start;
      int end = start;
      for (Segment part : parts) {
        int from = part.start + SEGMENT_HEADER + (end == start ? 0 : BOX_HEADER);
        store.write(image, from, part.end - from);
        end = part.end;
      }
      stores.add(new EmbeddedStore(start, end - start, store.toByteArray()));
    }
    return stores;
  }

  @Override
  public Slot slot(byte[] image) {
    List<Segment> segments = segments(image, true);
    List<Segment> old = new ArrayList<>();
    storesOf(image, segments).forEach(old::addAll);
    // JFIF wants APP0 first and Exif APP1: the store goes behind them.
    int start = 2;
    for (Segment segment : segments) {
      if (segment.marker != APP0 && segment.marker != APP1) {
        break;
      }
      start = segment.end;
    }
    ByteArrayOutputStream after = new ByteArrayOutputStream(image.length);
    int at = start;
    for (Segment segment : old) {
      after.write(image, at, segment.start - at);
      at = segment.end;
    }
    after.write(image, at, image.length - at);
    return new JpegSlot(Arrays.copyOf(image, start), after.toByteArray());
  }

  /** Up to the pixels. */
  private static List<Segment> segments(byte[] image, boolean strict) {
    Bytes bytes = new Bytes(image, ByteOrder.BIG_ENDIAN);
    List<Segment> segments = new ArrayList<>();
    int at = 2;
    while (bytes.has(at, 4) && bytes.byteAt(at) == 0xFF) {
      int marker = bytes.byteAt(at + 1);
      if (marker == 0xFF) { // a fill byte
        at++;
        continue;
      }
      if (marker == SOS) {
        if (strict) {
          checkEnds(segments, image, at);
        }
        return segments;
      }
      int end = at + 2 + bytes.shortAt(at + 2);
      if (marker < 0xC0
          || (marker >= 0xD0 && marker <= EOI)
          || end < at + 4
          || end > image.length) {
        break;
      }
      segments.add(new Segment(marker, at, end));
      at = end;
    }
    if (strict) {
      throw new MalformedImageException("JPEG breaks off at byte " + at + ", before its pixels");
    }
    return segments;
  }

  private static void checkEnds(List<Segment> segments, byte[] image, int pixels) {
    if (segments.stream().noneMatch(Segment::isFrame)) {
      throw new MalformedImageException("JPEG has no frame header (SOF)");
    }
    for (int at = pixels + 2; at + 1 < image.length; at++) {
      if ((image[at] & 0xFF) == 0xFF && (image[at + 1] & 0xFF) == EOI) {
        return;
      }
    }
    throw new MalformedImageException("JPEG of " + image.length + " bytes has no end (EOI)");
  }

  /** Segments of a store lie one behind the other, numbered from 1. */
  private static List<List<Segment>> storesOf(byte[] image, List<Segment> segments) {
    Bytes bytes = new Bytes(image, ByteOrder.BIG_ENDIAN);
    List<List<Segment>> stores = new ArrayList<>();
    List<Segment> open = List.of();
    for (Segment segment : segments) {
      if (!segment.holdsBox(bytes)) {
        open = List.of();
      } else if (!open.isEmpty() && segment.continues(open, bytes)) {
        open.add(segment);
      } else if (segment.startsStore(bytes)) {
        open = new ArrayList<>(List.of(segment));
        stores.add(open);
      } else {
        open = List.of();
      }
    }
    return stores;
  }

  private record Segment(int marker, int start, int end) {

    boolean isFrame() {
      return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    boolean holdsBox(Bytes bytes) {
      return marker == APP11
          && end - start > SEGMENT_HEADER + BOX_HEADER
          && bytes.shortAt(start + 4) == JUMBF;
    }

    boolean startsStore(Bytes bytes) {
      return end - start >= SEGMENT_HEADER + BOX_HEADER + 12
          && bytes.intAt(start + 8) == 1
          && bytes.nameAt(start + SEGMENT_HEADER + 4).equals("jumb")
          && bytes.nameAt(start + SEGMENT_HEADER + BOX_HEADER + 4).equals("jumd")
          && bytes.nameAt(start + SEGMENT_HEADER + 2 * BOX_HEADER).equals("c2pa");
    }

    boolean continues(List<Segment> open, Bytes bytes) {
      Segment first = open.get(0);
      return start == open.get(open.size() - 1).end
          && bytes.shortAt(start + 6) == bytes.shortAt(first.start + 6)
          && bytes.intAt(start + 8) == open.size() + 1
          && bytes.intAt(start + SEGMENT_HEADER) == bytes.intAt(first.start + SEGMENT_HEADER)
          && bytes.intAt(start + SEGMENT_HEADER + 4)
              == bytes.intAt(first.start + SEGMENT_HEADER + 4);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record JpegSlot(byte[] before, byte[] after) implements Slot {

    @Override
    public int start() {
      return before.length;
    }

    @Override
    public int length(int store) {
      int segments = (store - 1) / PART + 1;
      int headers = segments * SEGMENT_HEADER + (segments - 1) * BOX_HEADER;
      return Math.addExact(store, headers);
    }

    @Override
    public byte[] fill(byte[] store) {
      ByteBuffer image =
          ByteBuffer.allocate(Math.addExact(before.length + after.length, length(store.length)));
      image.put(before);
      for (int from = 0, number = 1; from < store.length; from += PART, number++) {
        int part = Math.min(PART, store.length - from);
        int again = from == 0 ? 0 : BOX_HEADER;
        image.put((byte) 0xFF).put((byte) APP11);
        image.putShort((short) (SEGMENT_HEADER - 2 + again + part)).putShort((short) JUMBF);
        image.putShort((short) INSTANCE).putInt(number);
        image.put(store, 0, again).put(store, from, part);
      }
      return image.put(after).array();
    }
  }
}
