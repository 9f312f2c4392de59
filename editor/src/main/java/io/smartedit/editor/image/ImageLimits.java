package io.smartedit.editor.image;

/**
 * What an image may be, checked before its pixels are allocated.
 *
 * @param maxBytes of the encoded file
 * @param maxSide width or height, in pixels
 * @param maxPixels width times height
 */
public record ImageLimits(long maxBytes, int maxSide, long maxPixels) {

  /** 32 MiB, 16384 pixels a side, 64 megapixels. */
  public static final ImageLimits DEFAULT = new ImageLimits(32L << 20, 16384, 64_000_000);
}
