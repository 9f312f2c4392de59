package io.smartedit.editor.image;

/** Pixels of an image by the inch, across and down. */
public record Resolution(double across, double down) {

  private static final double INCHES_PER_METRE = 1 / 0.0254;
  static final double MOST = 65_535;

  /** Refuses what is no number of pixels. */
  public Resolution {
    if (!(across > 0 && down > 0 && across <= MOST && down <= MOST)) {
      throw new IllegalArgumentException("resolution is " + across + "x" + down);
    }
  }

  static Resolution ofMetres(double across, double down) {
    return new Resolution(across / INCHES_PER_METRE, down / INCHES_PER_METRE);
  }

  int acrossPerMetre() {
    return (int) Math.round(across * INCHES_PER_METRE);
  }

  int downPerMetre() {
    return (int) Math.round(down * INCHES_PER_METRE);
  }

  /** Of the image lying on its side. */
  Resolution turned() {
    return new Resolution(/* across= */ down, /* down= */ across);
  }
}
