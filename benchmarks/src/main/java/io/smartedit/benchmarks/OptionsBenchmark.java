package io.smartedit.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.nn.Compiler;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Program;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.unet.UNetConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What a denoising step of Stable Diffusion 1.5's UNet takes at 512 pixels (latents 64x64), with
 * three rows as published and with one, in seconds of a core; and what an edit's steps come to,
 * which is that times their number and not measured whole.
 *
 * <p>Arguments: FOLDER REPETITIONS, the folder that {@code benchmarks/nets/unet} has filled.
 */
final class OptionsBenchmark {

  private static final int SIDE = 64;
  private static final int TOKENS = 77;
  private static final int WIDTH = 768;
  private static final int PUBLISHED_ROWS = 3;
  private static final int PUBLISHED_STEPS = 100;
  private static final int[] STEPS = {PUBLISHED_STEPS, 20, 12, 8, 4};

  private OptionsBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    Path weights = Path.of(arguments[0]).resolve("unet.safetensors");
    int repetitions = Integer.parseInt(arguments[1]);
    double published = 0;
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      for (int rows : new int[] {PUBLISHED_ROWS, 1}) {
        double step = step(weights, precision, rows, repetitions);
        if (published == 0) {
          published = PUBLISHED_STEPS * step;
        }
        for (int steps : STEPS) {
          System.out.printf(
              "%s, %d rows: a step %6.2f s of a core, %3d steps %7.1f s, %5.1f times less than"
                  + " published%n",
              precision, rows, step, steps, steps * step, published / (steps * step));
        }
      }
    }
  }

  private static double step(Path weights, Precision precision, int rows, int repetitions)
      throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile file = TensorFile.open(weights);
        Compiler compiler = new Compiler(manager)) {
      UNet unet = UNet.load(Weights.of(file, manager, precision), UNetConfig.INSTRUCT_PIX2PIX);
      List<Precision> inputs = new ArrayList<>(Collections.nCopies(2, Precision.FP32));
      inputs.addAll(Collections.nCopies(unet.readings(), precision));
      try (Program read =
              compiler.compile(List.of(Precision.FP32), in -> unet.read(precision.of(in.get(0))));
          Program predict = compiler.compile(inputs, in -> predict(unet, precision, in))) {
        NDArray[] all = new NDArray[inputs.size()];
        all[0] = manager.randomNormal(new Shape(rows, 8, SIDE, SIDE));
        all[1] = unet.code(manager, new double[rows]);
        NDList readings = read.run(manager, manager.randomNormal(new Shape(rows, TOKENS, WIDTH)));
        for (int i = 0; i < readings.size(); i++) {
          all[2 + i] = readings.get(i);
        }
        predict.run(manager, all).close();
        return least(repetitions, () -> predict.run(manager, all).close());
      }
    }
  }

  private static NDList predict(UNet unet, Precision precision, NDList in) {
    NDArray x = precision.of(in.get(0));
    NDArray out = unet.forward(x, precision.of(in.get(1)), in.subNDList(2), null);
    return new NDList(Precision.FP32.of(out));
  }

  /** Others use the machine, too: their time is not ours. */
  private static double least(int repetitions, Runnable step) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    double[] seconds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      long begin = system.getProcessCpuTime();
      step.run();
      seconds[i] = (system.getProcessCpuTime() - begin) * 1e-9;
    }
    return Arrays.stream(seconds).min().orElseThrow();
  }
}
