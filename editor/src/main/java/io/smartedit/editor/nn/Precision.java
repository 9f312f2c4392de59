package io.smartedit.editor.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;

/**
 * The number format a part's weights and activations are held in.
 *
 * <p>DJL 0.35 has no bfloat16: such an array says {@code UNKNOWN}, and asking DJL to make one ends
 * the process. Formats are therefore chosen through this type only.
 */
public enum Precision {
  FP32(4),
  BF16(2),
  FP16(2);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes one number takes. */
  public int bytes() {
    return bytes;
  }

  /** The array in this format; the same array where it is already. */
  public NDArray of(NDArray array) {
    return this == in(array) ? array : Bridge.call("to_" + this, array);
  }

  /** The format of a lower-case name. */
  static Precision named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Bfloat16 where the device multiplies in it, else single precision. */
  public static Precision fastest(Device device) {
    boolean multiplies =
        device.isGpu() ? Processor.multipliesBf16(device) : Processor.multipliesBf16();
    return multiplies ? BF16 : FP32;
  }

  /** Zeros in this format. */
  public NDArray zeros(NDManager manager, Shape shape) {
    return of(manager.zeros(shape, DataType.FLOAT32));
  }

  /** The format an array is in, which must be one of these. */
  public static Precision in(NDArray array) {
    return switch (array.getDataType()) {
      case FLOAT32 -> FP32;
      case FLOAT16 -> FP16;
      case UNKNOWN -> BF16;
      default -> throw new IllegalArgumentException("no precision is " + array.getDataType());
    };
  }

  /** An array whose numbers are not set; to be filled through its byte buffer. */
  public static NDArray emptyBf16(NDManager manager, Shape shape) {
    try (NDArray like = manager.create(shape, DataType.FLOAT16)) {
      return Bridge.call("empty_bf16", like);
    }
  }

  /** Lower-case name, as on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
