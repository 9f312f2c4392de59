package io.smartedit.editor.image;

import io.smartedit.editor.image.Colours.Samples;
import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The colour space that an image is delivered in: an RGB profile, or sRGB where there is none. */
final class Space {

  static final Space SRGB = new Space(null, ColourTransform.plain(Samples.RGB));

  private static final int TO_SHORT = 257;

  private final @Nullable ICC_Profile profile;
  private final ColourTransform toSrgb;

  private Space(@Nullable ICC_Profile profile, ColourTransform toSrgb) {
    this.profile = profile;
    this.toSrgb = toSrgb;
  }

  /** Of an RGB profile that colours can also be brought into; scanners' cannot. */
  static Optional<Space> of(ICC_Profile profile) {
    if (profile.getColorSpaceType() != ColorSpace.TYPE_RGB) {
      return Optional.empty();
    }
    try {
      ColourTransform unused = new ColourTransform.ByProfile(Samples.RGB, profile);
    } catch (CMMException | IllegalArgumentException e) {
      return Optional.of(SRGB); // as none, as in browsers
    }
    Space space = new Space(profile, ColourTransform.of(Samples.RGB, profile));
    try {
      int[] unused = space.fromSrgb(false).apply(new byte[3], 1);
    } catch (CMMException | IllegalArgumentException e) {
      return Optional.empty();
    }
    return Optional.of(space);
  }

  ColourTransform toSrgb() {
    return toSrgb;
  }

  /** To be said in a file; null for sRGB. */
  byte @Nullable [] profile() {
    return profile == null ? null : profile.getData();
  }

  /** A conversion of sRGB; used by one thread at a time. */
  FromSrgb fromSrgb(boolean deep) {
    return new FromSrgb(deep);
  }

  /** From sRGB's 8 bits to samples of the space. */
  final class FromSrgb {
    private final boolean deep;
    private final @Nullable ColorConvertOp convert;

    private FromSrgb(boolean deep) {
      this.deep = deep;
      this.convert =
          profile == null || toSrgb.isIdentity()
              ? null
              : new ColorConvertOp(
                  new ICC_Profile[] {ICC_Profile.getInstance(ColorSpace.CS_sRGB), profile}, null);
    }

    int[] apply(byte[] rgb, int pixels) {
      int[] samples = new int[3 * pixels];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (rgb[i] & 0xFF) * (deep ? TO_SHORT : 1);
      }
      if (convert == null) {
        return samples;
      }
      int type = deep ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE;
      WritableRaster from = Raster.createInterleavedRaster(type, pixels, 1, 3, null);
      WritableRaster to = Raster.createInterleavedRaster(type, pixels, 1, 3, null);
      from.setPixels(0, 0, pixels, 1, samples);
      convert.filter(from, to);
      return to.getPixels(0, 0, pixels, 1, samples);
    }
  }
}
