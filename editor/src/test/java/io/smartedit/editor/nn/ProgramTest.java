package io.smartedit.editor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.scheduler.NoiseSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A compiled net answers as the records it was made of. */
final class ProgramTest {

  private final NDManager manager = NDManager.newBaseManager("PyTorch");
  private int index;

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void aProgramAnswersAsItsRecordsAtEverySize() {
    Net net = net();
    try (Program program = compiled(net, Precision.FP32)) {
      for (long[] shape : new long[][] {{1, 8, 4, 4}, {3, 8, 5, 2}}) {
        NDArray x = random(shape);

        NDArray answer = program.run(manager, x).head();

        assertThat(difference(answer, net.forward(x))).isLessThan(1e-6);
      }
    }
  }

  @Test
  void inBfloat16ItStaysAsCloseAsTheFormatAllows() {
    Net net = net();
    NDArray x = random(2, 8, 9, 9);
    try (Program program = compiled(net, Precision.BF16)) {
      NDArray answer = program.run(manager, x).head();

      assertThat(difference(answer, net.forward(x))).isBetween(1e-6, 0.03);
    }
  }

  @Test
  void weightsInAnotherFormAreFreedAndMissedByNobody() {
    Linear net = new Linear(random(2, 2), null);
    NDArray x = random(1, 2);
    NDArray expected = net.forward(x);
    Program program;
    try (Compiler compiler = new Compiler(manager)) {
      program =
          compiler.compile(
              List.of(Precision.FP32),
              in -> new NDList(Precision.FP32.of(net.forward(Precision.BF16.of(in.head())))));
      compiler.release();
    }

    assertThat(net.weight().isReleased()).isTrue();
    assertThat(difference(program.run(manager, x).head(), expected)).isLessThan(0.03);
    program.close();
  }

  @Test
  void sizesAreNotKnownWhileANetIsCompiled() {
    try (Compiler compiler = new Compiler(manager)) {
      assertThatThrownBy(
              () ->
                  compiler.compile(
                      List.of(Precision.FP32),
                      in -> new NDList(in.head().reshape(in.head().getShape()))))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  private Program compiled(Net net, Precision precision) {
    try (Compiler compiler = new Compiler(manager)) {
      return compiler.compile(
          List.of(Precision.FP32),
          in -> new NDList(Precision.FP32.of(net.forward(precision.of(in.head())))));
    }
  }

  /** One of each kind of layer, with scopes as nets have them. */
  private record Net(GroupNorm norm, Conv2d conv, LayerNorm layerNorm, Attention attention) {
    NDArray forward(NDArray x) {
      return Scope.around(
          () -> {
            NDArray hidden = Scope.around(() -> conv.forward(norm.forwardSilu(x)));
            NDArray cells = layerNorm.forward(Ops.cells(hidden));
            NDArray read = attention.forward(cells, cells, cells);
            return Ops.lattice(cells.add(Ops.gelu(read)), hidden).concat(x, 1);
          });
    }

    @Override
    public String toString() {
      return "Net" + conv;
    }
  }

  private Net net() {
    Linear linear = new Linear(random(8, 8), random(8));
    return new Net(
        new GroupNorm(random(8), random(8), 4, 1e-5),
        new Conv2d(random(8, 8, 3, 3), random(8), 1, 1),
        new LayerNorm(random(8), random(8), 1e-5),
        new Attention(linear, linear, new Linear(random(8, 8), null), linear, 2));
  }

  private NDArray random(long... shape) {
    Shape of = new Shape(shape);
    float[] values = NoiseSource.seeded(5).gaussian(index++, (int) of.size());
    return manager.create(values, of);
  }

  private static double difference(NDArray actual, NDArray expected) {
    return actual.sub(expected).abs().max().getFloat() / expected.abs().max().getFloat();
  }
}
