package io.smartedit.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.nn.Compiler;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Program;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.unet.UNetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Our side of {@code benchmarks/nets/unet}: the UNet as the program that edits run. */
final class UNetBenchmark {

  private final Path folder;
  private final int repetitions;
  private final Map<String, Double> reference = new LinkedHashMap<>();

  private UNetBenchmark(Path folder, int repetitions) throws IOException {
    this.folder = folder;
    this.repetitions = repetitions;
    for (String line : Files.readAllLines(folder.resolve("unet.jsonl"))) {
      JsonNode way = new ObjectMapper().readTree(line);
      reference.put(way.get("way").asText(), way.get("seconds").asDouble());
    }
  }

  public static void main(String[] arguments) throws IOException {
    UNetBenchmark benchmark =
        new UNetBenchmark(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    benchmark.run(Precision.FP32);
    benchmark.run(Precision.BF16);
  }

  private void run(Precision precision) throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile file = TensorFile.open(folder.resolve("unet.safetensors"));
        TensorFile given = TensorFile.open(folder.resolve("unet.case.safetensors"));
        Compiler compiler = new Compiler(manager)) {
      Weights weights = Weights.of(file, manager, precision);
      UNet unet = UNet.load(weights, UNetConfig.INSTRUCT_PIX2PIX);
      List<Precision> inputs = new ArrayList<>(Collections.nCopies(2, Precision.FP32));
      inputs.addAll(Collections.nCopies(unet.readings(), precision));
      try (Program read =
              compiler.compile(List.of(Precision.FP32), in -> unet.read(precision.of(in.get(0))));
          Program predict = compiler.compile(inputs, in -> predict(unet, precision, in))) {
        NDArray[] all = new NDArray[inputs.size()];
        all[0] = given.readStored("x", manager);
        all[1] = unet.code(manager, new double[] {500.5, 500.5, 500.5});
        NDList readings = read.run(manager, given.readStored("text", manager));
        for (int i = 0; i < readings.size(); i++) {
          all[2 + i] = readings.get(i);
        }
        report(precision, predict, all, given.readStored("output", manager));
      }
    }
  }

  private static NDList predict(UNet unet, Precision precision, NDList in) {
    NDArray x = precision.of(in.get(0));
    NDArray out = unet.forward(x, precision.of(in.get(1)), in.subNDList(2), null);
    return new NDList(Precision.FP32.of(out));
  }

  private void report(Precision precision, Program predict, NDArray[] inputs, NDArray expected) {
    NDManager manager = inputs[0].getManager();
    NDArray first = predict.run(manager, inputs).head();
    float difference = first.sub(expected).abs().max().getFloat() / expected.abs().max().getFloat();
    predict.run(manager, inputs).close();
    double[] seconds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      long begin = System.nanoTime();
      predict.run(manager, inputs).close();
      seconds[i] = (System.nanoTime() - begin) / 1e9;
    }
    Arrays.sort(seconds);
    double ours = seconds[repetitions / 2];
    System.out.printf(
        "ours %s %.3f s, off the reference's fp32 by %.1e of its largest value%n",
        precision, ours, difference);
    reference.forEach(
        (way, theirs) ->
            System.out.printf(
                "  PyTorch %-28s %.3f s   ours / it %.2f%n", way, theirs, ours / theirs));
  }
}
