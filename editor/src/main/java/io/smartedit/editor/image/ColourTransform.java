package io.smartedit.editor.image;

import io.smartedit.editor.image.Colours.Samples;
import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** From 8-bit samples of a file to sRGB's, any number of pixels at a time. Not thread-safe. */
interface ColourTransform {

  /** What nobody sees; a profile that changes no colour by more is sRGB's. */
  int SAME = 2;

  /**
   * @param samples interleaved; may be {@code rgb} where there are three a pixel
   */
  void apply(byte[] samples, byte[] rgb, int pixels);

  /** Whether samples are sRGB's as they are. */
  default boolean isIdentity() {
    return false;
  }

  /** Without a profile. */
  static ColourTransform plain(Samples samples) {
    return switch (samples) {
      case RGB -> new Identity();
      case GREY -> ColourTransform::spread;
      case CMYK, CMYK_INVERTED, YCCK_INVERTED ->
          (in, rgb, pixels) -> {
            toInk(samples, in, pixels);
            overprint(in, rgb, pixels);
          };
    };
  }

  /** By a profile of as many channels; one that the colour engine refuses is as none. */
  static ColourTransform of(Samples samples, ICC_Profile profile) {
    try {
      ColourTransform byProfile = new ByProfile(samples, profile);
      if (samples != Samples.RGB || !changesNothing(byProfile)) {
        return byProfile;
      }
    } catch (CMMException | IllegalArgumentException e) {
      // as none
    }
    return plain(samples);
  }

  /** Then from the space that sRGB was taken for. */
  default ColourTransform then(@Nullable RgbSpace space) {
    if (space == null) {
      return this;
    }
    ColourTransform first = this;
    RgbSpace.ToSrgb second = space.toSrgb();
    return (in, rgb, pixels) -> {
      first.apply(in, rgb, pixels);
      second.apply(rgb, pixels);
    };
  }

  private static void spread(byte[] grey, byte[] rgb, int pixels) {
    for (int i = 0; i < pixels; i++) {
      rgb[3 * i] = grey[i];
      rgb[3 * i + 1] = grey[i];
      rgb[3 * i + 2] = grey[i];
    }
  }

  /** To cyan, magenta, yellow and black, 0 where there is none; libjpeg's and Adobe's rules. */
  private static void toInk(Samples samples, byte[] in, int pixels) {
    if (samples == Samples.YCCK_INVERTED) {
      for (int i = 0; i < 4 * pixels; i += 4) {
        double y = in[i] & 0xFF;
        double cb = (in[i + 1] & 0xFF) - 128;
        double cr = (in[i + 2] & 0xFF) - 128;
        in[i] = level(y + 1.402 * cr);
        in[i + 1] = level(y - 0.344136 * cb - 0.714136 * cr);
        in[i + 2] = level(y + 1.772 * cb);
        in[i + 3] = (byte) ~in[i + 3];
      }
    } else if (samples == Samples.CMYK_INVERTED) {
      for (int i = 0; i < 4 * pixels; i++) {
        in[i] = (byte) ~in[i];
      }
    }
  }

  private static byte level(double value) {
    return (byte) Math.max(0, Math.min(255, Math.round(value)));
  }

  /** As Pillow where there is no profile. */
  private static void overprint(byte[] ink, byte[] rgb, int pixels) {
    for (int i = 0; i < pixels; i++) {
      int light = 255 - (ink[4 * i + 3] & 0xFF);
      for (int c = 0; c < 3; c++) {
        int product = (ink[4 * i + c] & 0xFF) * light + 128;
        rgb[3 * i + c] = (byte) (light - (((product >> 8) + product) >> 8));
      }
    }
  }

  private static boolean changesNothing(ColourTransform transform) {
    byte[] grid = new byte[9 * 9 * 9 * 3];
    for (int i = 0; i < 729; i++) {
      grid[3 * i] = (byte) Math.min(255, i / 81 * 32);
      grid[3 * i + 1] = (byte) Math.min(255, i / 9 % 9 * 32);
      grid[3 * i + 2] = (byte) Math.min(255, i % 9 * 32);
    }
    byte[] rgb = new byte[grid.length];
    transform.apply(grid, rgb, 729);
    for (int i = 0; i < grid.length; i++) {
      if (Math.abs((grid[i] & 0xFF) - (rgb[i] & 0xFF)) > SAME) {
        return false;
      }
    }
    return true;
  }

  /** sRGB, or taken for it. */
  final class Identity implements ColourTransform {
    @Override
    public void apply(byte[] samples, byte[] rgb, int pixels) {
      if (samples != rgb) {
        System.arraycopy(samples, 0, rgb, 0, 3 * pixels);
      }
    }

    @Override
    public boolean isIdentity() {
      return true;
    }
  }

  /** Java's colour engine, a profile's own intent. */
  final class ByProfile implements ColourTransform {
    private final Samples samples;
    private final ColorConvertOp convert;

    ByProfile(Samples samples, ICC_Profile profile) {
      this.samples = samples;
      ICC_Profile srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
      this.convert = new ColorConvertOp(new ICC_Profile[] {profile, srgb}, null);
      apply(new byte[samples.channels], new byte[3], 1); // fails here where it ever fails
    }

    @Override
    public void apply(byte[] in, byte[] rgb, int pixels) {
      if (samples.channels == 4) {
        toInk(samples, in, pixels);
      }
      convert.filter(raster(in, pixels, samples.channels), raster(rgb, pixels, 3));
    }

    private static WritableRaster raster(byte[] samples, int pixels, int channels) {
      int[] offsets = {0, 1, 2, 3};
      return Raster.createInterleavedRaster(
          new DataBufferByte(samples, pixels * channels),
          pixels,
          1,
          pixels * channels,
          channels,
          Arrays.copyOf(offsets, channels),
          null);
    }
  }
}
