package io.smartedit.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.nn.Compiler;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Program;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.unet.UNetConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What a call of smartedit-mini's UNet costs beyond its arithmetic: the same call, one row, over
 * ever smaller latents. At side 2 a 64th of the arithmetic of side 16 is left; what such a call
 * takes is the way through Java, TorchScript and libtorch's operators, and the reading of all
 * weights.
 *
 * <p>Arguments: MODEL.
 */
final class CallBenchmark {

  private static final UNetConfig MINI =
      new UNetConfig(32, 16, List.of(64, 128), List.of(true, true), 2, 4, 128, 16);
  private static final int TOKENS = 16;
  private static final int CALLS = 200;
  private static final int[] SIDES = {2, 4, 8, 16};

  private CallBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    Path weights =
        Path.of(arguments[0], "smartedit", "unet-0", "diffusion_pytorch_model.safetensors");
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      try (NDManager manager = NDManager.newBaseManager("PyTorch");
          TensorFile file = TensorFile.open(weights);
          Compiler compiler = new Compiler(manager)) {
        UNet unet = UNet.load(Weights.of(file, manager, precision), MINI);
        List<Precision> inputs = new ArrayList<>(Collections.nCopies(2, Precision.FP32));
        inputs.addAll(Collections.nCopies(unet.readings(), precision));
        try (Program read =
                compiler.compile(
                    List.of(Precision.FP32), in -> unet.read(precision.of(in.get(0))));
            Program predict = compiler.compile(inputs, in -> predict(unet, precision, in))) {
          for (int side : SIDES) {
            time(manager, unet, read, predict, side, precision);
          }
        }
      }
    }
  }

  private static NDList predict(UNet unet, Precision precision, NDList in) {
    NDArray x = precision.of(in.get(0));
    return new NDList(
        Precision.FP32.of(unet.forward(x, precision.of(in.get(1)), in.subNDList(2), null)));
  }

  private static void time(
      NDManager manager, UNet unet, Program read, Program predict, int side, Precision precision) {
    NDArray x = manager.randomNormal(new Shape(1, 2L * MINI.outChannels(), side, side));
    NDArray text = manager.randomNormal(new Shape(1, TOKENS, MINI.contextWidth()));
    NDList readings = read.run(manager, text);
    double[] milliseconds = new double[CALLS];
    for (int i = -CALLS / 2; i < CALLS; i++) {
      long begin = System.nanoTime();
      NDArray[] inputs = new NDArray[2 + readings.size()];
      inputs[0] = x;
      inputs[1] = unet.code(manager, new double[] {500});
      for (int k = 0; k < readings.size(); k++) {
        inputs[2 + k] = readings.get(k);
      }
      predict.run(manager, inputs).close();
      inputs[1].close();
      if (i >= 0) {
        milliseconds[i] = (System.nanoTime() - begin) / 1e6;
      }
    }
    Arrays.sort(milliseconds);
    System.out.printf(
        "%s   side %2d   least %6.2f ms   median %6.2f ms%n",
        precision, side, milliseconds[0], milliseconds[CALLS / 2]);
  }
}
