package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/**
 * An array that is not there: what is done to it is written down by its {@link Recording}.
 *
 * <p>It knows its format and no shape, so a program fits every size. Operators that the nets do not
 * use refuse.
 */
final class Recorded extends NDArrayAdapter {

  private static final Shape UNKNOWN = new Shape(-1);

  private final Recording recording;
  private final Precision precision;

  Recorded(Recording recording, String name, Precision precision) {
    super(null, null, UNKNOWN, dataType(precision), name);
    this.recording = recording;
    this.precision = precision;
  }

  private static DataType dataType(Precision precision) {
    return switch (precision) {
      case FP32 -> DataType.FLOAT32;
      case FP16 -> DataType.FLOAT16;
      case BF16 -> DataType.UNKNOWN;
    };
  }

  Recording recording() {
    return recording;
  }

  Precision precision() {
    return precision;
  }

  @Override
  public NDArray add(NDArray other) {
    return recording.write("torch.add(%s, %s)", this, other);
  }

  @Override
  public NDArray sub(NDArray other) {
    return recording.write("torch.sub(%s, %s)", this, other);
  }

  @Override
  public NDArray mul(NDArray other) {
    return recording.write("torch.mul(%s, %s)", this, other);
  }

  @Override
  public NDArray expandDims(int axis) {
    return recording.write("torch.unsqueeze(%s, %s)", this, axis);
  }

  @Override
  public NDArray concat(NDArray other, int axis) {
    return recording.write("torch.cat([%s, %s], %s)", this, other, axis);
  }

  @Override
  public Shape getShape() {
    throw new UnsupportedOperationException("a program is recorded without sizes");
  }

  @Override
  public String toString() {
    return getUid();
  }

  /** Nothing is held. */
  @Override
  public void close() {}

  @Override
  public void attach(NDManager other) {}

  @Override
  public void tempAttach(NDManager other) {}

  @Override
  public void detach() {}

  @Override
  public void intern(NDArray replaced) {
    throw new UnsupportedOperationException("recorded");
  }

  @Override
  public ByteBuffer toByteBuffer(boolean tryDirect) {
    throw new UnsupportedOperationException("recorded");
  }
}
