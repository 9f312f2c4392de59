package io.smartedit.editor.image;

import java.awt.color.ICC_Profile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Profiles for spaces that files say otherwise than by a profile (ICC.1:2010): RGB, three primaries
 * and one tone curve.
 */
final class IccWriter {

  private static final int HEADER = 128;
  private static final double[] D50 = {0.9642, 1, 0.8249};

  private IccWriter() {}

  /**
   * @param primaries columns of red, green and blue, in XYZ by D50
   * @param curve a tag's data
   */
  static ICC_Profile rgb(double[][] primaries, byte[] curve) {
    byte[][] data = {
      text("RGB"),
      text("none"),
      xyz(D50[0], D50[1], D50[2]),
      xyz(primaries[0][0], primaries[1][0], primaries[2][0]),
      xyz(primaries[0][1], primaries[1][1], primaries[2][1]),
      xyz(primaries[0][2], primaries[1][2], primaries[2][2]),
      curve
    };
    String[] names = {"desc", "cprt", "wtpt", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"};
    int at = HEADER + 4 + 12 * names.length;
    int[] places = new int[names.length];
    for (int i = 0; i < names.length; i++) {
      places[i] = at;
      at += i < data.length - 1 ? padded(data[i].length) : 0;
    }
    ByteBuffer profile = ByteBuffer.allocate(at + padded(curve.length));
    profile.putInt(0, profile.capacity()).putInt(8, 0x0420_0000);
    profile.put(12, latin("mntrRGB XYZ ")).putShort(24, (short) 2026);
    profile.putShort(26, (short) 1).putShort(28, (short) 1).put(36, latin("acsp"));
    profile.position(68);
    fixed(profile, D50);
    profile.position(HEADER);
    profile.putInt(names.length);
    for (int i = 0; i < names.length; i++) {
      int which = Math.min(i, data.length - 1);
      profile.put(latin(names[i])).putInt(places[i]).putInt(data[which].length);
    }
    for (int i = 0; i < data.length; i++) {
      profile.put(places[i], data[i]);
    }
    return ICC_Profile.getInstance(profile.array());
  }

  /** sRGB's. */
  static byte[] srgbCurve() {
    ByteBuffer curve = ByteBuffer.allocate(32).put(latin("para")).putInt(0).putInt(3 << 16);
    fixed(curve, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);
    return curve.array();
  }

  static byte[] gammaCurve(double exponent) {
    ByteBuffer curve = ByteBuffer.allocate(16).put(latin("para")).putInt(0).putInt(0);
    fixed(curve, exponent);
    return curve.array();
  }

  private static byte[] xyz(double x, double y, double z) {
    ByteBuffer tag = ByteBuffer.allocate(20).put(latin("XYZ ")).putInt(0);
    fixed(tag, x, y, z);
    return tag.array();
  }

  private static byte[] text(String text) {
    byte[] wide = text.getBytes(StandardCharsets.UTF_16BE);
    return ByteBuffer.allocate(28 + wide.length)
        .put(latin("mluc"))
        .putInt(0)
        .putInt(1)
        .putInt(12)
        .put(latin("enUS"))
        .putInt(wide.length)
        .putInt(28)
        .put(wide)
        .array();
  }

  private static void fixed(ByteBuffer to, double... values) {
    for (double value : values) {
      to.putInt((int) Math.round(value * 65_536));
    }
  }

  private static int padded(int length) {
    return (length + 3) / 4 * 4;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
