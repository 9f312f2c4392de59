package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Segments of a JPEG (ITU T.81). What colours its components are follows libjpeg's rules and is
 * said to the decoder in a JFIF or Adobe segment of our own: decoders differ in how they guess.
 */
final class JpegFile {

  private static final int END = 0xD9;
  private static final int SCAN = 0xDA;
  private static final byte[] START = {(byte) 0xFF, (byte) 0xD8};
  private static final byte[] JFIF = {
    (byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
  };
  private static final int MAX_SCANS = 200;

  /** Scans times pixels: each scan of a progressive file passes over all of them. */
  private static final long MAX_WORK = 64_000_000L * 30;

  /** A block of 64 pixels takes a bit at least. */
  private static final long MOST_PIXELS_A_BYTE = 512;

  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
  private static final String PHOTOSHOP = "Photoshop 3.0\0";
  private static final int IPTC = 0x0404;

  private final byte[] bytes;
  private final Metadata.Builder metadata = new Metadata.Builder();
  private final List<Container.Part> parts = new ArrayList<>();
  private final List<byte[]> profileParts = new ArrayList<>();
  private int at = 2;
  private int frame;
  private int width;
  private int height;
  private byte[] componentIds = {};
  private int scans;
  private long scanBytes;
  private boolean jfif;
  private int adobe = -1;
  private int orientation = 1;

  private JpegFile(byte[] bytes) {
    this.bytes = bytes;
  }

  static Container parse(byte[] bytes) {
    JpegFile file = new JpegFile(bytes);
    try {
      file.readSegments();
      return file.container();
    } catch (IndexOutOfBoundsException e) {
      throw Container.cutOff(FileFormat.JPEG);
    }
  }

  private void readSegments() {
    while (true) {
      int marker = nextMarker();
      if (marker == END) {
        break;
      }
      boolean alone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
      if (alone) {
        continue;
      }
      int length = two(at);
      if (length < 2 || at + length > bytes.length) {
        throw Container.cutOff(FileFormat.JPEG);
      }
      int from = at;
      at += length;
      boolean needed = read(marker, from + 2, length - 2);
      if (marker == SCAN) {
        int start = at;
        skipScan();
        scanBytes += at - start;
      }
      if (needed) {
        parts.add(new Container.Part(bytes, from - 2, at - from + 2));
      }
    }
  }

  /** Steps over fill bytes, and over what does not belong where a marker should be, as libjpeg. */
  private int nextMarker() {
    while (true) {
      while (bytes[at] != (byte) 0xFF) {
        at++;
      }
      while (bytes[at] == (byte) 0xFF) {
        at++;
      }
      int marker = bytes[at++] & 0xFF;
      if (marker != 0) {
        return marker;
      }
    }
  }

  /** To the marker that ends a scan: inside, 0xFF is followed by 0 or by a restart. */
  private void skipScan() {
    byte[] all = bytes; // the loop passes over most bytes of a file
    int place = at;
    while (true) {
      while (all[place] != (byte) 0xFF) {
        place++;
      }
      int next = all[++place] & 0xFF;
      if (next != 0 && (next < 0xD0 || next > 0xD7) && next != 0xFF) {
        at = place - 1;
        return;
      }
    }
  }

  /** Whether the decoder needs the segment. */
  private boolean read(int marker, int from, int length) {
    switch (marker) {
      case 0xC4, 0xDB, 0xDD -> {
        return true;
      }
      case SCAN -> {
        scans++;
        return true;
      }
      case 0xC0, 0xC1, 0xC2 -> {
        readFrame(marker, from, length);
        return true;
      }
      case 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF ->
          throw new BadRequestException(
              "image is "
                  + (marker == 0xC3
                      ? "a lossless"
                      : marker < 0xC9 ? "a hierarchical" : "an arithmetic")
                  + " JPEG; baseline and progressive ones are read");
      case 0xE0 -> {
        if (starts(from, length, "JFIF\0") && length >= 12) {
          jfif = true;
          readDensity(bytes[from + 7], two(from + 8), two(from + 10));
        }
      }
      case 0xE1 -> {
        if (starts(from, length, "Exif\0") && orientation == 1) {
          orientation = TiffTags.orientation(TiffTags.slice(bytes, from + 6, length - 6));
        }
        if (starts(from, length, "Exif\0")) {
          metadata.exif(bytes, from + 6, length - 6);
        } else if (starts(from, length, XMP)) {
          metadata.xmp(bytes, from + XMP.length(), length - XMP.length());
        }
      }
      case 0xE2 -> {
        if (starts(from, length, "ICC_PROFILE\0") && length > 14) {
          profileParts.add(Arrays.copyOfRange(bytes, from + 12, from + length));
        }
      }
      case 0xED -> {
        if (starts(from, length, PHOTOSHOP)) {
          readResources(from + PHOTOSHOP.length(), from + length);
        }
      }
      case 0xEE -> {
        if (starts(from, length, "Adobe") && length >= 12) {
          adobe = bytes[from + 11] & 0xFF;
        }
      }
      default -> {} // comments, applications' own, and what is reserved
    }
    return false;
  }

  private void readDensity(int unit, int across, int down) {
    if (unit == 1) {
      metadata.resolution(across, down);
    } else if (unit == 2) {
      metadata.resolution(across * 2.54, down * 2.54);
    }
  }

  /** Photoshop's image resources; of them IPTC's. */
  private void readResources(int from, int end) {
    int place = from;
    while (place + 12 <= end && starts(place, end - place, "8BIM")) {
      int kind = two(place + 4);
      int name = 1 + (bytes[place + 6] & 0xFF);
      int data = place + 6 + name + (name & 1) + 4;
      long length = data > end ? -1 : ((long) two(data - 4) << 16) + two(data - 2);
      if (length < 0 || data + length > end) {
        return;
      }
      if (kind == IPTC) {
        metadata.iptc(bytes, data, (int) length);
      }
      place = data + (int) (length + (length & 1));
    }
  }

  private void readFrame(int marker, int from, int length) {
    if (frame != 0) {
      throw Container.damaged(FileFormat.JPEG, "has two frames");
    }
    frame = marker;
    int precision = bytes[from] & 0xFF;
    if (precision != 8) {
      throw new BadRequestException(
          "image is a JPEG of " + precision + " bits a sample; ones of 8 are read");
    }
    height = two(from + 1);
    width = two(from + 3);
    int components = bytes[from + 5] & 0xFF;
    if (components != 1 && components != 3 && components != 4) {
      throw new BadRequestException(
          "image is a JPEG of " + components + " components; ones of 1, 3 and 4 are read");
    }
    if (length < 6 + 3 * components) {
      throw Container.damaged(FileFormat.JPEG, "has a short frame header");
    }
    componentIds = new byte[components];
    for (int i = 0; i < components; i++) {
      componentIds[i] = bytes[from + 6 + 3 * i];
    }
    if (height == 0) {
      throw new BadRequestException("image is a JPEG that does not say its height first");
    }
  }

  private Container container() {
    if (frame == 0 || scans == 0) {
      throw Container.damaged(FileFormat.JPEG, "has no image");
    }
    if (scans > MAX_SCANS || (long) scans * width * height > Math.max(MAX_WORK, 1)) {
      throw new BadRequestException(
          "image is a JPEG of "
              + scans
              + " scans of "
              + width
              + "x"
              + height
              + "; that takes too long to read");
    }
    if ((long) width * height > scanBytes * MOST_PIXELS_A_BYTE) {
      throw Container.cutOff(FileFormat.JPEG);
    }
    List<Container.Part> all = new ArrayList<>();
    all.add(Container.Part.of(START));
    all.add(Container.Part.of(segmentForDecoder()));
    all.addAll(parts);
    all.add(Container.Part.of(new byte[] {(byte) 0xFF, (byte) END}));
    return new Container(
        FileFormat.JPEG,
        width,
        height,
        componentIds.length,
        3,
        orientation,
        colours(),
        metadata.build(),
        all);
  }

  private Colours colours() {
    Colours.Samples samples =
        switch (componentIds.length) {
          case 1 -> Colours.Samples.GREY;
          case 3 -> Colours.Samples.RGB;
          default ->
              adobe == 2
                  ? Colours.Samples.YCCK_INVERTED
                  : adobe >= 0 ? Colours.Samples.CMYK_INVERTED : Colours.Samples.CMYK;
        };
    byte[] profile = profile();
    return profile == null ? Colours.plain(samples) : Colours.of(profile).as(samples);
  }

  /** libjpeg's jdapimin.c, default_decompress_parms. */
  private byte[] segmentForDecoder() {
    boolean rgbIds = Arrays.equals(componentIds, new byte[] {'R', 'G', 'B'});
    boolean rgb = !jfif && (adobe >= 0 ? adobe == 0 : rgbIds);
    return switch (componentIds.length) {
      case 1 -> JFIF;
      case 3 -> rgb ? adobe(0) : JFIF;
      default -> adobe(adobe == 2 ? 2 : 0);
    };
  }

  private static byte[] adobe(int transform) {
    return new byte[] {
      (byte) 0xFF, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
    };
  }

  /** Joined in the order of their numbers; null where there is none, or a part is missing. */
  private byte @Nullable [] profile() {
    int count = profileParts.size();
    long total = profileParts.stream().mapToLong(part -> part.length - 2).sum();
    if (count == 0 || total > Colours.MAX_PROFILE_BYTES) {
      return null;
    }
    byte[][] ordered = new byte[count][];
    for (byte[] part : profileParts) {
      int number = part[0] & 0xFF;
      if (number < 1 || number > count || (part[1] & 0xFF) != count) {
        return null;
      }
      ordered[number - 1] = part;
    }
    byte[] profile = new byte[(int) total];
    int to = 0;
    for (byte[] part : ordered) {
      if (part == null) {
        return null;
      }
      System.arraycopy(part, 2, profile, to, part.length - 2);
      to += part.length - 2;
    }
    return profile;
  }

  private boolean starts(int from, int length, String mark) {
    byte[] wanted = mark.getBytes(StandardCharsets.US_ASCII);
    return length >= wanted.length
        && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
  }

  private int two(int from) {
    return (bytes[from] & 0xFF) << 8 | (bytes[from + 1] & 0xFF);
  }
}
