package io.smartedit.editor.nn;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtSymbolBlock;
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
  private static final Model MODEL = load(); // kept: DJL closes a model that is collected
  private static final PtSymbolBlock MODULE = (PtSymbolBlock) MODEL.getBlock();
  private static final Map<String, NDArray> METHODS = new ConcurrentHashMap<>();
  private static final Map<Double, NDArray> CONSTANTS = new ConcurrentHashMap<>();

  /* TorchScript re-optimises the graph on the first calls of every new shape, in every thread. */
  private static final ThreadLocal<Boolean> OPTIMISER_OFF =
      ThreadLocal.withInitial(
          () -> {
            JniUtils.setGraphExecutorOptimize(false);
            return true;
          });

  private Bridge() {}

  /** Runs a method; the result belongs to the first argument's manager. */
  static NDArray call(String method, NDArray... arguments) {
    OPTIMISER_OFF.get();
    NDList inputs = new NDList(arguments);
    inputs.add(METHODS.computeIfAbsent(method, Bridge::marker));
    return IValueUtils.forward(MODULE, inputs, true).head();
  }

  /** The number as a tensor. */
  static NDArray constant(double value) {
    return CONSTANTS.computeIfAbsent(value, Bridge::kept);
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
  private static Model load() {
    Model model = Model.newInstance("ops", Device.cpu(), "PyTorch");
    // Loading a model switches gradients off, and this may be the first call of a training step.
    boolean collecting = JniUtils.isGradMode();
    try {
      model.load(new ByteArrayInputStream(TorchScriptModule.archive()));
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
