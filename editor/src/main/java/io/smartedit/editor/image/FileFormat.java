package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A file format that is decoded here, told by a file's first bytes and never by its name. */
enum FileFormat {
  PNG,
  JPEG,
  WEBP,
  GIF,
  BMP,
  TIFF;

  private static final String KNOWN = "PNG, JPEG, WebP, GIF, BMP, TIFF";

  /** What people send too, and should be told by its name: where its marks are, and which. */
  private record Foreign(String name, int at, List<String> marks) {
    private static Foreign of(String name, int at, String... marks) {
      return new Foreign(name, at, List.of(marks));
    }
  }

  private static final List<Foreign> FOREIGN =
      List.of(
          Foreign.of("AVIF", 4, "ftypavif", "ftypavis"),
          Foreign.of("HEIC", 4, "ftyphei", "ftyphev", "ftypmif1", "ftypmsf1"),
          Foreign.of("a video", 4, "ftyp"),
          Foreign.of("JPEG XL", 0, "\u00FF\n", "\0\0\0\fJXL "),
          Foreign.of("JPEG 2000", 0, "\0\0\0\fjP  ", "\u00FFO\u00FFQ"),
          Foreign.of("Photoshop's PSD", 0, "8BPS"),
          Foreign.of("ICO", 0, "\0\0\1\0", "\0\0\2\0"),
          Foreign.of("PNM", 0, "P1", "P2", "P3", "P4", "P5", "P6", "P7", "Pf", "PF"),
          Foreign.of("BigTIFF", 0, "II+\0", "MM\0+"),
          Foreign.of("OpenEXR", 0, "v/1\1"),
          Foreign.of("Radiance HDR", 0, "#?RADIANCE"),
          Foreign.of("QOI", 0, "qoif"),
          Foreign.of("DDS", 0, "DDS "),
          Foreign.of("PDF", 0, "%PDF"),
          Foreign.of("SVG or XML", 0, "<svg", "<?xml"),
          Foreign.of("HTML", 0, "<!doctype", "<!DOCTYPE", "<html"),
          Foreign.of("gzip", 0, "\u001F\u008B"),
          Foreign.of("ZIP", 0, "PK\3\4"),
          Foreign.of("a Git LFS pointer", 0, "version https://git-lfs"));

  static FileFormat of(byte[] bytes) {
    if (has(bytes, 0, "\u0089PNG\r\n\u001A\n")) {
      return PNG;
    }
    if (has(bytes, 0, "\u00FF\u00D8\u00FF")) {
      return JPEG;
    }
    if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP")) {
      return WEBP;
    }
    if (has(bytes, 0, "GIF87a") || has(bytes, 0, "GIF89a")) {
      return GIF;
    }
    if (has(bytes, 0, "BM")) {
      return BMP;
    }
    if (has(bytes, 0, "II*\0") || has(bytes, 0, "MM\0*")) {
      return TIFF;
    }
    throw unknown(bytes);
  }

  /** As people write it. */
  String label() {
    return this == WEBP ? "WebP" : name();
  }

  private static BadRequestException unknown(byte[] bytes) {
    String is =
        FOREIGN.stream()
            .filter(kind -> kind.marks.stream().anyMatch(mark -> has(bytes, kind.at, mark)))
            .findFirst()
            .map(kind -> "; it looks like " + kind.name)
            .orElse(bytes.length == 0 ? "; it is empty" : "");
    return new BadRequestException("not an image in a format known here (" + KNOWN + ")" + is);
  }

  private static boolean has(byte[] bytes, int at, String mark) {
    byte[] wanted = mark.getBytes(StandardCharsets.ISO_8859_1);
    return bytes.length >= at + wanted.length
        && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length);
  }
}
