package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Set;

/**
 * Named tensors that can be read one at a time: a file, a set of shards, or a view of either.
 *
 * <p>Names, shapes and stored types are known without reading any tensor. Implementations may be
 * called from one thread at a time.
 */
public interface TensorSource {

  /** Holds nothing; a survey of it hears everything a net asks for. */
  TensorSource NONE =
      new TensorSource() {
        @Override
        public Set<String> names() {
          return Set.of();
        }

        @Override
        public Shape shape(String name) {
          throw new IllegalArgumentException("there is no " + name);
        }

        @Override
        public DataType dataType(String name) {
          throw new IllegalArgumentException("there is no " + name);
        }

        @Override
        public NDArray read(String name, NDManager manager, Precision precision) {
          throw new IllegalArgumentException("there is no " + name);
        }
      };

  /** All names, in the order of the file. */
  Set<String> names();

  /** The stored shape. The name must be one of {@link #names}. */
  Shape shape(String name);

  /** The stored number format. The name must be one of {@link #names}. */
  DataType dataType(String name);

  /**
   * Reads one tensor into a new array of the manager, on the manager's device.
   *
   * @param precision the number format wanted; the stored one is converted
   */
  NDArray read(String name, NDManager manager, Precision precision);
}
