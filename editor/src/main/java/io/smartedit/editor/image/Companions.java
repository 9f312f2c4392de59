package io.smartedit.editor.image;

import org.jspecify.annotations.Nullable;

/**
 * What lies beside an image's pixels in its file, each as the bytes that its standard asks for.
 *
 * @param profile ICC's
 * @param exif a TIFF without the {@code Exif} mark before it
 * @param iptc IIM datasets; only JPEG has a place for them
 * @param xmp a packet
 * @param resolution for whoever prints it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Companions(
    byte @Nullable [] profile,
    byte @Nullable [] exif,
    byte @Nullable [] iptc,
    byte @Nullable [] xmp,
    @Nullable Resolution resolution) {

  static final Companions NONE = new Companions(null, null, null, null, null);

  @Override
  public String toString() {
    return "Companions[" + resolution + "]";
  }
}
