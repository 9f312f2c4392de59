package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.nn.Ops;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba, 2015), with decoupled weight decay (AdamW, Loshchilov and Hutter, 2019),
 * gradients clipped by their common norm, and a running mean of the weights.
 *
 * <p>Used from one thread, outside a gradient collector.
 */
final class Adam {

  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.99f;
  private static final float EPSILON = 1e-8f;

  private final List<ParameterSet.Parameter> parameters;
  private final List<NDArray> means = new ArrayList<>();
  private final List<NDArray> variances = new ArrayList<>();
  private final List<NDArray> averages = new ArrayList<>();
  private final Settings settings;

  /**
   * @param clip largest common norm of the gradients
   * @param weightDecay a step, as a share of the learning rate
   * @param averaging of the running mean a step, 0 for none
   */
  record Settings(double clip, double weightDecay, double averaging) {}

  Adam(List<ParameterSet.Parameter> parameters, NDManager manager, Settings settings) {
    this.parameters = parameters;
    this.settings = settings;
    for (ParameterSet.Parameter parameter : parameters) {
      means.add(manager.zeros(parameter.array().getShape()));
      variances.add(manager.zeros(parameter.array().getShape()));
      if (settings.averaging > 0) {
        NDArray average = parameter.array().stopGradient().duplicate();
        average.attach(manager);
        averages.add(average);
      }
    }
  }

  /**
   * One step down the gradients, which are cleared.
   *
   * @param step counted from 1
   * @param batches backward passes the gradients are a sum of
   * @return the gradients' common norm before clipping; where it is not finite nothing was changed
   */
  double step(long step, double rate, int batches) {
    double norm = norm() / batches;
    if (!Double.isFinite(norm)) {
      parameters.forEach(parameter -> Ops.clearGradient(parameter.array()));
      return norm;
    }
    double scale = Math.min(1, settings.clip / (norm + 1e-12)) / batches;
    double corrected =
        rate * Math.sqrt(1 - Math.pow(BETA2, (double) step)) / (1 - Math.pow(BETA1, (double) step));
    for (int i = 0; i < parameters.size(); i++) {
      NDArray weight = parameters.get(i).array();
      try (NDArray gradient = weight.getGradient()) {
        weight
            .getNDArrayInternal()
            .adamUpdate(
                new NDList(weight, gradient, means.get(i), variances.get(i)),
                new NDList(weight),
                (float) rate,
                (float) corrected,
                (float) settings.weightDecay,
                (float) scale,
                -1,
                BETA1,
                BETA2,
                EPSILON,
                false,
                true);
      }
    }
    average(step);
    return norm;
  }

  private double norm() {
    double sum = 0;
    for (ParameterSet.Parameter parameter : parameters) {
      try (NDManager manager = parameter.array().getManager().newSubManager()) {
        NDArray gradient = parameter.array().getGradient();
        gradient.attach(manager);
        NDArray norm = gradient.square().sum();
        sum += norm.getFloat();
      }
    }
    return Math.sqrt(sum);
  }

  /** Follows closely at first, so that the random beginning is soon forgotten. */
  private void average(long step) {
    if (averages.isEmpty()) {
      return;
    }
    float kept = (float) Math.min(settings.averaging, (1.0 + step) / (10.0 + step));
    for (int i = 0; i < averages.size(); i++) {
      try (NDArray weight = parameters.get(i).array().stopGradient();
          NDArray share = weight.mul(1 - kept)) {
        averages.get(i).muli(kept).addi(share);
      }
    }
  }

  /** Everything that a later run needs to go on as if never interrupted. */
  Map<String, NDArray> state() {
    Map<String, NDArray> state = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i).name();
      state.put("weight:" + name, parameters.get(i).array());
      state.put("mean:" + name, means.get(i));
      state.put("variance:" + name, variances.get(i));
      if (!averages.isEmpty()) {
        state.put("average:" + name, averages.get(i));
      }
    }
    return state;
  }

  /** The weights' running means by name, or the weights where none are kept. */
  Map<String, NDArray> averages() {
    Map<String, NDArray> result = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      NDArray array = averages.isEmpty() ? parameters.get(i).array() : averages.get(i);
      result.put(parameters.get(i).name(), array);
    }
    return result;
  }
}
