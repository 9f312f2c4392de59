package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.awt.color.CMMException;
import java.awt.color.ICC_Profile;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a file's samples mean: their model, and the space they lie in where that is not sRGB.
 *
 * @param profile ICC's; null where the file has none
 * @param space said in numbers; null where the file says none, or sRGB
 */
record Colours(Samples samples, @Nullable ICC_Profile profile, @Nullable RgbSpace space) {

  /** Printers' profiles have two or three megabytes. */
  static final int MAX_PROFILE_BYTES = 4 << 20;

  static final Colours SRGB = plain(Samples.RGB);

  private static final double SRGB_GAMMA = 0.45455;
  private static final double SAME_GAMMA = 0.01;

  /** What a sample of each channel is; inverted ink is 255 where there is none. */
  enum Samples {
    GREY(1),
    RGB(3),
    CMYK(4),
    CMYK_INVERTED(4),
    YCCK_INVERTED(4);

    final int channels;

    Samples(int channels) {
      this.channels = channels;
    }
  }

  static Colours plain(Samples samples) {
    return new Colours(samples, null, null);
  }

  /** By an ICC profile; a profile that cannot be read is as none, as in browsers. */
  static Colours of(byte[] profile) {
    try {
      return new Colours(Samples.RGB, ICC_Profile.getInstance(profile), null);
    } catch (IllegalArgumentException | CMMException e) {
      return SRGB;
    }
  }

  /** The same space for samples of another kind. */
  Colours as(Samples other) {
    return new Colours(other, profile, space);
  }

  /** By PNG's cICP chunk, whose numbers are ITU-T H.273's. */
  static Colours coded(int primaries, int transfer, int matrix, int range) {
    if (matrix != 0 || range != 1) {
      throw new BadRequestException(
          "image is a PNG of colour matrix "
              + matrix
              + " and range "
              + range
              + "; full RGB is read");
    }
    return RgbSpace.coded(primaries, transfer)
        .map(space -> new Colours(Samples.RGB, null, space.isSrgb() ? null : space))
        .orElseThrow(
            () ->
                new BadRequestException(
                    "image is a PNG of colour primaries "
                        + primaries
                        + " and transfer "
                        + transfer
                        + " (cICP), which are not read"));
  }

  /**
   * By PNG's gAMA and cHRM chunks.
   *
   * @param gamma 0 where none is said
   * @param chromaticities x and y of white, red, green and blue; null where none are said
   */
  static Colours measured(double gamma, double @Nullable [] chromaticities) {
    boolean usual = gamma <= 0 || Math.abs(gamma - SRGB_GAMMA) < SAME_GAMMA;
    RgbSpace space = RgbSpace.measured(usual ? 0 : gamma, chromaticities);
    return new Colours(Samples.RGB, null, space.isSrgb() ? null : space);
  }

  /**
   * What images decoded to so many colour channels are delivered in, grey as RGB of three equal
   * samples; empty where only sRGB is left: for inks, and for profiles that lead one way.
   */
  Optional<Space> delivered(int channels) {
    if (channels == 4) {
      return Optional.empty();
    }
    if (profile != null && profile.getNumComponents() == channels) {
      return channels == 3 ? Space.of(profile) : grey(profile);
    }
    return space == null ? Optional.of(Space.SRGB) : Space.of(space.profile());
  }

  /** A grey profile's tone curve, with sRGB's primaries. */
  private static Optional<Space> grey(ICC_Profile profile) {
    byte[] curve = profile.getData(ICC_Profile.icSigGrayTRCTag);
    if (curve == null) {
      return Optional.empty();
    }
    try {
      return Space.of(IccWriter.rgb(RgbSpace.srgb().primaries(), curve));
    } catch (IllegalArgumentException | CMMException e) {
      return Optional.empty();
    }
  }

  /** To sRGB, for files decoded to so many colour channels. */
  ColourTransform toSrgb(int channels) {
    Samples meant =
        samples.channels == channels
            ? samples
            : switch (channels) {
              case 1 -> Samples.GREY;
              case 3 -> Samples.RGB;
              case 4 -> Samples.CMYK;
              default ->
                  throw new BadRequestException("image has " + channels + " colour channels");
            };
    if (profile != null && profile.getNumComponents() == channels) {
      return ColourTransform.of(meant, profile);
    }
    return ColourTransform.plain(meant).then(space);
  }
}
