package io.smartedit.editor.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;

/** Puts what lies beside an image's pixels into an encoded file that has nothing but these. */
final class Envelope {

  private static final byte[] PNG_XMP = latin("XML:com.adobe.xmp\0\0\0\0\0");
  private static final byte[] PNG_PROFILE = latin("ICC Profile\0\0");
  private static final byte[] JPEG_EXIF = latin("Exif\0\0");
  private static final byte[] JPEG_XMP = latin("http://ns.adobe.com/xap/1.0/\0");
  private static final byte[] JPEG_PROFILE = latin("ICC_PROFILE\0");
  private static final byte[] JPEG_IPTC = latin("Photoshop 3.0\0" + "8BIM\4\4\0\0");

  /** Signature and header. */
  private static final int PNG_START = 33;

  /** A segment says its length, itself included, in two bytes. */
  private static final int MOST_IN_SEGMENT = 65_533;

  private static final int WEBP_HEADER = 12;
  private static final int HAS_PROFILE = 0x20;
  private static final int HAS_ALPHA = 0x10;
  private static final int HAS_EXIF = 0x08;
  private static final int HAS_XMP = 0x04;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Envelope() {}

  /**
   * @param width and {@code height} of the image
   */
  static byte[] around(
      ByteBuffer file, ImageCodec.Format format, int width, int height, Companions companions) {
    Envelope envelope = new Envelope();
    return switch (format) {
      case PNG -> envelope.png(file, companions);
      case JPEG -> envelope.jpeg(file, companions);
      case WEBP -> envelope.webp(file, width, height, companions);
    };
  }

  private byte[] png(ByteBuffer file, Companions companions) {
    copy(file.slice(0, PNG_START));
    byte[] profile = companions.profile();
    if (profile != null) {
      chunk("iCCP", PNG_PROFILE, deflated(profile));
    }
    Resolution resolution = companions.resolution();
    if (resolution != null) {
      byte[] density =
          ByteBuffer.allocate(9)
              .putInt(resolution.acrossPerMetre())
              .putInt(resolution.downPerMetre())
              .put((byte) 1)
              .array();
      chunk("pHYs", density);
    }
    byte[] exif = companions.exif();
    if (exif != null) {
      chunk("eXIf", exif);
    }
    byte[] xmp = companions.xmp();
    if (xmp != null) {
      chunk("iTXt", PNG_XMP, xmp);
    }
    return joined(file.slice(PNG_START, file.capacity() - PNG_START), new byte[0]);
  }

  private void chunk(String name, byte[]... parts) {
    byte[] data = together(parts);
    CRC32 check = new CRC32();
    check.update(latin(name));
    check.update(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(latin(name));
    out.writeBytes(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) check.getValue()).array());
  }

  /** What does not fit into a segment is left out, but the profile, which may have many. */
  private byte[] jpeg(ByteBuffer file, Companions companions) {
    out.write(0xFF);
    out.write(0xD8);
    segment(0xE0, jfif(companions.resolution()));
    optional(0xE1, JPEG_EXIF, companions.exif());
    optional(0xE1, JPEG_XMP, companions.xmp());
    byte[] iptc = companions.iptc();
    if (iptc != null) {
      byte[] length = ByteBuffer.allocate(4).putInt(iptc.length).array();
      optional(0xED, JPEG_IPTC, together(length, iptc, new byte[iptc.length & 1]));
    }
    byte[] profile = companions.profile();
    if (profile != null) {
      profile(profile);
    }
    int from = 2;
    if ((file.get(2) & 0xFF) == 0xFF && (file.get(3) & 0xFF) == 0xE0) { // the encoder's own JFIF
      from += 2 + (file.getShort(4) & 0xFFFF);
    }
    return joined(file.slice(from, file.capacity() - from), new byte[0]);
  }

  private static byte[] jfif(@Nullable Resolution resolution) {
    ByteBuffer jfif = ByteBuffer.allocate(14).put(latin("JFIF\0\1\2"));
    if (resolution == null) {
      return jfif.put((byte) 0).putShort((short) 1).putShort((short) 1).array();
    }
    return jfif.put((byte) 1)
        .putShort((short) Math.max(1, Math.round(resolution.across())))
        .putShort((short) Math.max(1, Math.round(resolution.down())))
        .array();
  }

  private void profile(byte[] profile) {
    int most = MOST_IN_SEGMENT - JPEG_PROFILE.length - 2;
    int count = (profile.length + most - 1) / most;
    for (int i = 0; i < count; i++) {
      int length = Math.min(most, profile.length - i * most);
      byte[] part = new byte[length];
      System.arraycopy(profile, i * most, part, 0, length);
      segment(0xE2, JPEG_PROFILE, new byte[] {(byte) (i + 1), (byte) count}, part);
    }
  }

  private void optional(int marker, byte[] mark, byte @Nullable [] data) {
    if (data != null && mark.length + data.length <= MOST_IN_SEGMENT) {
      segment(marker, mark, data);
    }
  }

  private void segment(int marker, byte[]... parts) {
    byte[] data = together(parts);
    out.write(0xFF);
    out.write(marker);
    out.writeBytes(ByteBuffer.allocate(2).putShort((short) (data.length + 2)).array());
    out.writeBytes(data);
  }

  /** RFC 9649's extended form. */
  private byte[] webp(ByteBuffer file, int width, int height, Companions companions) {
    ByteBuffer little = file.order(ByteOrder.LITTLE_ENDIAN);
    int from = WEBP_HEADER;
    int flags = 0;
    if (name(little, WEBP_HEADER).equals("VP8X")) {
      flags = little.get(20);
      from = 30;
    } else if (name(little, WEBP_HEADER).equals("VP8L") && (little.getInt(21) >>> 28 & 1) == 1) {
      flags = HAS_ALPHA;
    }
    byte[] profile = companions.profile();
    byte[] exif = companions.exif();
    byte[] xmp = companions.xmp();
    flags |= (profile == null ? 0 : HAS_PROFILE);
    flags |= (exif == null ? 0 : HAS_EXIF) | (xmp == null ? 0 : HAS_XMP);
    out.writeBytes(latin("RIFF\0\0\0\0WEBP"));
    ByteBuffer extended = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    extended.put((byte) flags).put(1, new byte[3]);
    three(extended, 4, width - 1);
    three(extended, 7, height - 1);
    riff("VP8X", extended.array());
    if (profile != null) {
      riff("ICCP", profile);
    }
    ByteBuffer pixels = file.slice(from, file.capacity() - from);
    Envelope after = new Envelope();
    if (exif != null) {
      after.riff("EXIF", exif);
    }
    if (xmp != null) {
      after.riff("XMP ", xmp);
    }
    byte[] all = joined(pixels, after.out.toByteArray());
    ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(4, all.length - 8);
    return all;
  }

  private void riff(String name, byte[] data) {
    out.writeBytes(latin(name));
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(data.length).array());
    out.writeBytes(data);
    out.writeBytes(new byte[data.length & 1]);
  }

  private static void three(ByteBuffer buffer, int at, int value) {
    buffer.put(at, (byte) value).put(at + 1, (byte) (value >> 8)).put(at + 2, (byte) (value >> 16));
  }

  private static String name(ByteBuffer file, int at) {
    byte[] name = new byte[4];
    file.get(at, name);
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  private void copy(ByteBuffer part) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    out.writeBytes(bytes);
  }

  /** Head, pixels and tail; pixels are copied once. */
  private byte[] joined(ByteBuffer pixels, byte[] tail) {
    byte[] all = new byte[out.size() + pixels.remaining() + tail.length];
    System.arraycopy(out.toByteArray(), 0, all, 0, out.size());
    pixels.get(all, out.size(), all.length - out.size() - tail.length);
    System.arraycopy(tail, 0, all, all.length - tail.length, tail.length);
    return all;
  }

  private static byte[] together(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] deflated(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      deflater.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
