package io.smartedit.editor.nn;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reaches libtorch operators that DJL does not expose, through a TorchScript module written in
 * memory.
 *
 * <p>DJL can run a method of a module, with gradients, when all arguments are tensors and an extra
 * array's <em>name</em> says which method. Numbers therefore travel as one-element CPU tensors.
 * Constants and method markers are few, made once, and never freed.
 */
final class Bridge {

  private static final NDManager MANAGER = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  private static final Bridge OPERATORS = new Bridge(TorchScriptModule.operators());
  private static final Map<String, NDArray> METHODS = new ConcurrentHashMap<>();
  private static final Map<Double, NDArray> CONSTANTS = new ConcurrentHashMap<>();
  private static final Map<String, Bridge> PROGRAMS = new ConcurrentHashMap<>();

  /* TorchScript re-optimises the graph on the first calls of every new shape, in every thread. */
  private static final ThreadLocal<Boolean> OPTIMISER_OFF =
      ThreadLocal.withInitial(
          () -> {
            JniUtils.setGraphExecutorOptimize(false);
            return true;
          });

  private final Model model; // kept: DJL closes a model that is collected
  private final PtSymbolBlock module;

  private Bridge(TorchScriptModule source) {
    this.model = load(source);
    this.module = (PtSymbolBlock) model.getBlock();
  }

  /** Made when first asked for: not every libtorch has it. */
  private static final class Packed {
    private static final Bridge OPERATORS = new Bridge(TorchScriptModule.packedOperators());
  }

  /**
   * Runs an operator, or records it where an argument is recorded; the result belongs to the first
   * argument's manager.
   *
   * @param arguments arrays and, behind them, numbers
   */
  static NDArray call(String operator, Object... arguments) {
    for (Object argument : arguments) {
      if (argument instanceof Recorded recorded) {
        return recorded.recording().call(operator, arguments);
      }
    }
    return OPERATORS.run(operator, arguments);
  }

  /** Runs an operator over a list of arrays and one of numbers, without gradients. */
  static NDArray callLists(String operator, NDList arrays, double[] numbers) {
    try (IValue list = IValue.listFrom(arrays.toArray(PtNDArray[]::new));
        IValue second = IValue.listFrom(numbers);
        IValue result = OPERATORS.runMethod(operator, list, second)) {
      return result.toTensor((PtNDManager) arrays.head().getManager());
    }
  }

  /** Runs an operator over weights laid out beforehand, or one that lays them out. */
  static NDArray callPacked(String operator, Object... arguments) {
    return Packed.OPERATORS.run(operator, arguments);
  }

  /** A program's module; nets of one structure share it, whatever their weights. */
  static Bridge program(TorchScriptModule source) {
    return PROGRAMS.computeIfAbsent(source.toString(), text -> new Bridge(source));
  }

  /** Runs a method of the module, without gradients. */
  IValue runMethod(String method, IValue... arguments) {
    OPTIMISER_OFF.get();
    return Computing.during(() -> IValueUtils.runMethod(module, method, arguments));
  }

  private NDArray run(String operator, Object... arguments) {
    OPTIMISER_OFF.get();
    NDList inputs = new NDList(arguments.length + 1);
    boolean numbers = false;
    for (Object argument : arguments) {
      numbers |= argument instanceof Number;
      inputs.add(argument instanceof Number number ? constant(number) : (NDArray) argument);
    }
    inputs.add(METHODS.computeIfAbsent(numbers ? operator + "_" : operator, Bridge::marker));
    return Computing.during(() -> IValueUtils.forward(module, inputs, true)).head();
  }

  private static NDArray constant(Number value) {
    return CONSTANTS.computeIfAbsent(value.doubleValue(), Bridge::kept);
  }

  private static NDArray marker(String method) {
    NDArray marker = kept(0);
    marker.setName("module_method:" + method);
    return marker;
  }

  private static NDArray kept(double value) {
    NDArray array = MANAGER.create(value);
    NDScope.unregister(array); // a block's scope must not free what all blocks share
    return array;
  }

  @SuppressWarnings("resource") // the module lives as long as the process
  private static Model load(TorchScriptModule source) {
    Model model = Model.newInstance("ops", Device.cpu(), "PyTorch");
    // Loading a model switches gradients off, and this may be the first call of a training step.
    boolean collecting = JniUtils.isGradMode();
    try {
      model.load(new ByteArrayInputStream(source.archive()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MalformedModelException e) {
      throw new IllegalStateException("libtorch refused the operator bridge", e);
    } finally {
      JniUtils.setGradMode(collecting);
    }
    return model;
  }
}
