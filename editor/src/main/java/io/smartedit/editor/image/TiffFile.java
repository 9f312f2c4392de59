package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The first directory of a TIFF, held to what is read here: one page, 1 to 16 bits a sample, grey,
 * RGB, palette or CMYK, uncompressed, LZW, deflate or PackBits.
 */
final class TiffFile {

  private static final int WIDTH = 256;
  private static final int LENGTH = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int STRIP_OFFSETS = 273;
  private static final int SAMPLES = 277;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_BYTES = 279;
  private static final int PLANES = 284;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_LENGTH = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTES = 325;
  private static final int SAMPLE_FORMAT = 339;
  private static final int PROFILE = 34675;
  private static final int X_RESOLUTION = 282;
  private static final int Y_RESOLUTION = 283;
  private static final int RESOLUTION_UNIT = 296;
  private static final int XMP = 700;
  private static final int IPTC = 33723;
  private static final int SUBFILE = 254;
  private static final int CMYK = 5;
  private static final int MAX_TILE = 8192;

  private final TiffTags tags;

  private TiffFile(TiffTags tags) {
    this.tags = tags;
  }

  static Container parse(byte[] bytes) {
    try {
      return new TiffFile(TiffTags.first(ByteBuffer.wrap(bytes))).container(bytes);
    } catch (IndexOutOfBoundsException e) {
      throw Container.cutOff(FileFormat.TIFF);
    }
  }

  private Container container(byte[] bytes) {
    requirePage();
    require("compression", tags.number(COMPRESSION, 1), 1, 5, 8, 32946, 32773);
    require("photometric interpretation", tags.number(PHOTOMETRIC, -1), 0, 1, 2, 3, CMYK);
    require("planar configuration", tags.number(PLANES, 1), 1, 2);
    require("sample format", tags.number(SAMPLE_FORMAT, 1), 1);
    int samples = (int) require("samples a pixel", tags.number(SAMPLES, 1), 1, 2, 3, 4, 5);
    int bits = (int) require("bits a sample", tags.number(BITS, 1), 1, 2, 4, 8, 16);
    for (int i = 1; i < tags.count(BITS); i++) {
      require("bits a sample", tags.number(BITS, i, bits), bits);
    }
    int width = side(WIDTH);
    int height = side(LENGTH);
    requireData(width, height, bytes.length);
    long orientation = tags.number(TiffTags.ORIENTATION, 1);
    return new Container(
        FileFormat.TIFF,
        width,
        height,
        Math.max(1, samples * bits / 8),
        (samples == 2 || samples > 3 ? 4 : 3) * (bits == 16 ? 2 : 1),
        orientation < 1 || orientation > 8 ? 1 : (int) orientation,
        colours(samples),
        metadata(bytes),
        List.of(Container.Part.of(bytes)));
  }

  /** Reduced copies and masks are no pages. */
  private void requirePage() {
    long next = tags.next();
    int pages = 1;
    for (int i = 0; next != 0 && i < 64; i++) {
      TiffTags other = TiffTags.at(tags.data(), next);
      pages += (other.number(SUBFILE, 0) & 5) == 0 ? 1 : 0;
      next = other.next();
    }
    if (pages > 1 || next != 0) {
      throw new BadRequestException(
          "image is a TIFF of several pages; only single images are edited");
    }
  }

  private void requireData(int width, int height, int fileBytes) {
    boolean tiled = tags.has(TILE_WIDTH);
    long across = tiled ? tags.number(TILE_WIDTH, 0) : width;
    long down = tiled ? tags.number(TILE_LENGTH, 0) : tags.number(ROWS_PER_STRIP, height);
    if (across < 1 || down < 1 || (tiled && (across > MAX_TILE || down > MAX_TILE))) {
      throw Container.damaged(FileFormat.TIFF, "has tiles or strips of " + across + "x" + down);
    }
    long planes = tags.number(PLANES, 1) == 2 ? tags.number(SAMPLES, 1) : 1;
    long pieces = ((width + across - 1) / across) * ((height + down - 1) / down) * planes;
    int offsets = tiled ? TILE_OFFSETS : STRIP_OFFSETS;
    int lengths = tiled ? TILE_BYTES : STRIP_BYTES;
    if (tags.count(offsets) < pieces || tags.count(lengths) < pieces) {
      throw Container.damaged(FileFormat.TIFF, "lacks tiles or strips");
    }
    for (int i = 0; i < pieces; i++) {
      if (tags.number(offsets, i, 0) + tags.number(lengths, i, 0) > fileBytes) {
        throw Container.cutOff(FileFormat.TIFF);
      }
    }
  }

  private Colours colours(int samples) {
    long photometric = tags.number(PHOTOMETRIC, -1);
    Colours.Samples meaning =
        photometric == CMYK
            ? Colours.Samples.CMYK
            : photometric < 2 ? Colours.Samples.GREY : Colours.Samples.RGB;
    if ((photometric == CMYK && samples < 4) || (photometric == 2 && samples < 3)) {
      throw Container.damaged(FileFormat.TIFF, "has too few samples a pixel");
    }
    byte[] profile = tags.bytes(PROFILE);
    return profile.length == 0 || profile.length > Colours.MAX_PROFILE_BYTES
        ? Colours.plain(meaning)
        : Colours.of(profile).as(meaning);
  }

  private Metadata metadata(byte[] bytes) {
    Metadata.Builder metadata = new Metadata.Builder();
    byte[] xmp = tags.bytes(XMP);
    metadata.xmp(xmp, 0, xmp.length);
    byte[] iptc = tags.bytes(IPTC);
    metadata.iptc(iptc, 0, iptc.length);
    double unit = tags.number(RESOLUTION_UNIT, 2) == 3 ? 2.54 : 1;
    metadata.resolution(tags.ratio(X_RESOLUTION) * unit, tags.ratio(Y_RESOLUTION) * unit);
    Metadata found = metadata.build();
    return new Metadata(bytes, found.iptc(), found.xmp(), found.resolution());
  }

  private int side(int tag) {
    long side = tags.number(tag, 0);
    return side > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) side;
  }

  private static long require(String what, long value, long... known) {
    for (long one : known) {
      if (value == one) {
        return value;
      }
    }
    throw new BadRequestException(
        "image is a TIFF with " + what + " " + value + ", which is not read");
  }
}
