package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Chunks of a PNG (W3C, third edition). */
final class PngFile {

  private static final int SIGNATURE = 8;
  private static final int HEADER = 13;

  /** Deflate's best: 1032 bytes from one. */
  private static final long MOST_INFLATED = 1032;

  private static final double METRES_PER_INCH = 0.0254;
  private static final String XMP = "XML:com.adobe.xmp\0\0\0\0\0";

  private final byte[] bytes;
  private final Metadata.Builder metadata = new Metadata.Builder();
  private boolean transparent;
  private final List<Container.Part> parts = new ArrayList<>();
  private @Nullable ByteBuffer header;
  private long pixelBytes;
  private boolean ended;
  private int frames = 1;
  private int orientation = 1;
  private Colours fromProfile = Colours.SRGB;
  private boolean hasProfile;
  private @Nullable Colours coded;
  private boolean saysSrgb;
  private double gamma;
  private double @Nullable [] chromaticities;

  private PngFile(byte[] bytes) {
    this.bytes = bytes;
  }

  static Container parse(byte[] bytes) {
    PngFile file = new PngFile(bytes);
    try {
      file.readChunks();
      return file.container();
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw Container.cutOff(FileFormat.PNG);
    }
  }

  private void readChunks() {
    parts.add(new Container.Part(bytes, 0, SIGNATURE));
    int at = SIGNATURE;
    while (!ended) {
      ByteBuffer head = ByteBuffer.wrap(bytes, at, 8);
      int length = head.getInt();
      int type = head.getInt();
      if (length < 0 || length > bytes.length - at - 12) {
        throw Container.cutOff(FileFormat.PNG);
      }
      boolean critical = (type >>> 24 & 0x20) == 0;
      if (critical) {
        requireIntact(at + 4, length + 4);
      }
      read(type, ByteBuffer.wrap(bytes, at + 8, length).slice(), at, critical);
      at += 12 + length;
    }
  }

  private void read(int type, ByteBuffer data, int at, boolean critical) {
    switch (name(type)) {
      case "IHDR" -> header = data;
      case "IEND" -> ended = true;
      case "IDAT" -> pixelBytes += data.remaining();
      case "acTL" -> frames = Math.max(1, data.getInt());
      case "eXIf" -> {
        orientation = TiffTags.orientation(data);
        metadata.exif(bytes, at + 8, data.capacity());
      }
      case "pHYs" -> readDensity(data);
      case "iTXt" -> readText(at + 8, data.capacity());
      case "tRNS" -> transparent = true;
      case "iCCP" -> readProfile(data);
      case "cICP" -> coded = Colours.coded(data.get(), data.get(), data.get(), data.get());
      case "sRGB" -> saysSrgb = true;
      case "gAMA" -> gamma = data.getInt() / 100_000.0;
      case "cHRM" -> {
        chromaticities = new double[8];
        for (int i = 0; i < 8; i++) {
          chromaticities[i] = data.getInt() / 100_000.0;
        }
      }
      default -> {}
    }
    if (critical || name(type).equals("tRNS")) {
      parts.add(new Container.Part(bytes, at, data.capacity() + 12));
    }
  }

  private void readDensity(ByteBuffer data) {
    if (data.capacity() >= 9 && data.get(8) == 1) {
      metadata.resolution(data.getInt(0) * METRES_PER_INCH, data.getInt(4) * METRES_PER_INCH);
    }
  }

  /** XMP in the one form that its specification allows: not compressed. */
  private void readText(int from, int length) {
    int mark = XMP.length();
    if (length > mark && new String(bytes, from, mark, StandardCharsets.ISO_8859_1).equals(XMP)) {
      metadata.xmp(bytes, from + mark, length - mark);
    }
  }

  private Container container() {
    ByteBuffer head = header;
    if (head == null || head.capacity() != HEADER) {
      throw Container.damaged(FileFormat.PNG, "has no header");
    }
    if (frames > 1) {
      throw new BadRequestException(
          "image has " + frames + " frames; only single images are edited");
    }
    int width = head.getInt(0);
    int height = head.getInt(4);
    int depth = head.get(8);
    int channels =
        switch (head.get(9)) {
          case 0, 3 -> 1;
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> throw Container.damaged(FileFormat.PNG, "has colour type " + head.get(9));
        };
    long raw = ((long) width * channels * depth + 7) / 8 * height;
    if (width > 0 && height > 0 && raw > pixelBytes * MOST_INFLATED) {
      throw Container.cutOff(FileFormat.PNG);
    }
    // The decoder gives grey and palettes more room than the file does.
    int sampleBytes = Math.max(1, channels * depth / 8) + 1;
    boolean alpha = transparent || head.get(9) >= 4;
    return new Container(
        FileFormat.PNG,
        width,
        height,
        sampleBytes,
        (alpha ? 4 : 3) * (depth == 16 ? 2 : 1),
        orientation,
        colours(),
        metadata.build(),
        parts);
  }

  /** In the order of the specification: cICP, iCCP, sRGB, then gAMA and cHRM. */
  private Colours colours() {
    if (coded != null) {
      return coded;
    }
    if (hasProfile) {
      return fromProfile;
    }
    return saysSrgb ? Colours.SRGB : Colours.measured(gamma, chromaticities);
  }

  private void readProfile(ByteBuffer data) {
    while (data.get() != 0) {
      // its name
    }
    data.get(); // compression method: there is one
    byte[] profile = inflated(data);
    hasProfile = profile.length > 0;
    fromProfile = Colours.of(profile);
  }

  /** Empty where it is damaged: such a profile is as none, as in browsers. */
  private static byte[] inflated(ByteBuffer data) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(data);
      byte[] room = new byte[1 << 16];
      int length = 0;
      while (!inflater.finished()) {
        if (length == room.length) {
          if (length >= Colours.MAX_PROFILE_BYTES) {
            throw new BadRequestException(
                "image has a colour profile of more than " + Colours.MAX_PROFILE_BYTES + " bytes");
          }
          room = Arrays.copyOf(room, 2 * length);
        }
        int count = inflater.inflate(room, length, room.length - length);
        if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          return new byte[0];
        }
        length += count;
      }
      return Arrays.copyOf(room, length);
    } catch (DataFormatException e) {
      return new byte[0];
    } finally {
      inflater.end();
    }
  }

  private void requireIntact(int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, length);
    if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(from + length)) {
      throw Container.damaged(
          FileFormat.PNG, "fails its check in " + name(ByteBuffer.wrap(bytes).getInt(from)));
    }
  }

  private static String name(int type) {
    StringBuilder name = new StringBuilder();
    for (int shift = 24; shift >= 0; shift -= 8) {
      char letter = (char) (type >>> shift & 0xFF);
      name.append(letter >= 'A' && letter <= 'z' ? letter : '?');
    }
    return name.toString();
  }
}
