package io.smartedit.ingest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** A format of images that the front door takes and gives, told by its first bytes. */
enum ImageKind {
  PNG("image/png", "png"),
  JPEG("image/jpeg", "jpg"),
  WEBP("image/webp", "webp"),
  GIF("image/gif", "gif"),
  BMP("image/bmp", "bmp");

  private final String mediaType;
  private final String extension;

  ImageKind(String mediaType, String extension) {
    this.mediaType = mediaType;
    this.extension = extension;
  }

  String mediaType() {
    return mediaType;
  }

  String extension() {
    return extension;
  }

  /** Empty where the bytes do not begin as an image does; whether they are one, a decoder says. */
  static Optional<ImageKind> of(byte[] bytes) {
    String start = new String(Arrays.copyOf(bytes, 12), StandardCharsets.ISO_8859_1);
    if (start.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    }
    if (start.startsWith("\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    }
    if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
      return Optional.of(WEBP);
    }
    if (start.startsWith("GIF8")) {
      return Optional.of(GIF);
    }
    return start.startsWith("BM") ? Optional.of(BMP) : Optional.empty();
  }
}
