package io.smartedit.editor.options;

import ai.djl.Device;
import io.smartedit.editor.nn.Precision;
import java.util.Locale;

/** The number format that is asked for. */
public enum PrecisionChoice {
  /** Whatever the device is fastest in without worse edits: bfloat16 where it multiplies in it. */
  AUTO,
  FP32,
  BF16,
  FP16;

  /** What that is on a device. */
  public Precision on(Device device) {
    return switch (this) {
      case AUTO -> Precision.fastest(device);
      case FP32 -> Precision.FP32;
      case BF16 -> Precision.BF16;
      case FP16 -> Precision.FP16;
    };
  }

  /** Lower-case name, as on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
