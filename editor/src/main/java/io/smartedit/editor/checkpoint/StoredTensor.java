package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Where a tensor lies in a file.
 *
 * @param position of the storage's first byte in the file
 * @param offset of the tensor's first element in the storage, in elements
 * @param strides in elements, one a dimension
 */
@SuppressWarnings("ArrayRecordComponent") // strides are neither compared nor hashed
record StoredTensor(
    String name, DataType type, Shape shape, long position, long offset, long[] strides) {

  StoredTensor {
    if (shape.dimension() != strides.length) {
      throw new IllegalArgumentException(name + " has " + strides.length + " strides");
    }
  }

  /** A tensor whose elements follow one another, last dimension fastest. */
  static StoredTensor contiguous(String name, DataType type, Shape shape, long position) {
    return new StoredTensor(name, type, shape, position, 0, contiguousStrides(shape));
  }

  boolean isContiguous() {
    long[] expected = contiguousStrides(shape);
    for (int i = 0; i < strides.length; i++) {
      if (shape.get(i) > 1 && strides[i] != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /** Elements from the first to the last that the strides reach, both included. */
  long span() {
    long last = 0;
    for (int i = 0; i < strides.length; i++) {
      if (shape.get(i) == 0) {
        return 0;
      }
      last = Math.addExact(last, Math.multiplyExact(shape.get(i) - 1, strides[i]));
    }
    return Math.addExact(last, 1);
  }

  private static long[] contiguousStrides(Shape shape) {
    long[] strides = new long[shape.dimension()];
    long stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(1, shape.get(i));
    }
    return strides;
  }

  @Override
  public String toString() {
    return name + " " + type + shape;
  }
}
