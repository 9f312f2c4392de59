package io.smartedit.benchmarks;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.llama.LlamaConfig;
import io.smartedit.editor.llama.LlamaLayer;
import io.smartedit.editor.llama.Rope;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.unet.UNetConfig;
import io.smartedit.editor.vae.Autoencoder;
import io.smartedit.editor.vae.VaeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Our side of {@code benchmarks/nets/run}: the same nets with the same weights and inputs, their
 * times as ratios to the reference's and the outputs' largest relative difference.
 */
final class NetBenchmark {

  private static final int SAMPLES = 32;
  private static final UNetConfig MINI =
      new UNetConfig(32, 16, List.of(64, 128), List.of(true, true), 2, 4, 128, 16);

  private final Path folder;
  private final int repetitions;
  private final Map<String, Double> reference = new HashMap<>();
  private final Map<String, Double> operations = new HashMap<>();

  private NetBenchmark(Path folder, int repetitions) throws IOException {
    this.folder = folder;
    this.repetitions = repetitions;
    for (String line : Files.readAllLines(folder.resolve("reference.jsonl"))) {
      JsonNode result = new ObjectMapper().readTree(line);
      reference.put(result.get("case").asText(), result.get("seconds").asDouble());
      operations.put(result.get("case").asText(), result.path("flops").asDouble());
    }
  }

  public static void main(String[] arguments) throws IOException {
    System.out.printf(
        "%-12s %12s %12s %7s %12s%n", "net", "reference s", "ours s", "ratio", "difference");
    new NetBenchmark(Path.of(arguments[0]), Integer.parseInt(arguments[1])).runAll();
  }

  private void runAll() {
    trainingStep(Precision.FP32);
    trainingStep(Precision.BF16);
    net(
        "unet",
        Precision.FP32,
        weights -> UNet.load(weights, UNetConfig.INSTRUCT_PIX2PIX),
        unet -> {
          double[] timesteps = {500.5, 500.5, 500.5};
          compare("unet-32", in -> unet.forward(in.get("x"), timesteps, in.get("text"), null));
          compare("unet-64", in -> unet.forward(in.get("x"), timesteps, in.get("text"), null));
        });
    net(
        "vae",
        Precision.FP32,
        weights -> Autoencoder.load(weights, VaeConfig.STABLE_DIFFUSION),
        vae -> {
          compare("vae-encode", in -> vae.encodeMean(in.get("x")));
          double scale = VaeConfig.STABLE_DIFFUSION.scale();
          compare("vae-decode", in -> vae.decode(in.get("x").mul(scale)));
        });
    net(
        "clip",
        Precision.FP32,
        weights -> VisionEncoder.load(weights, ClipConfig.VIT_L_14_VISION, 224, 14),
        clip -> compare("clip", in -> clip.forward(in.get("x"))));
    for (Precision precision : new Precision[] {Precision.FP32, Precision.BF16}) {
      net(
          "llama",
          precision,
          weights -> LlamaLayer.load(weights, LlamaConfig.SMARTEDIT_7B),
          layer ->
              compare("llama-" + precision, in -> layer.forward(in.get("x"), rope(in.get("x")))));
    }
  }

  /** Forward, mean square, backward of smartedit-mini's UNet, 32 samples. */
  private void trainingStep(Precision precision) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile file = TensorFile.open(folder.resolve("mini-unet.safetensors"))) {
      Weights weights = Weights.of(file, manager, Precision.FP32);
      UNet unet = UNet.load(weights, MINI);
      weights.arrays().forEach(named -> named.array().setRequiresGradient(true));
      double[] timesteps = new double[SAMPLES];
      Arrays.fill(timesteps, 500);
      NDArray watched = unet.in().weight();
      compare(
          "mini-unet-step",
          in -> {
            weights.arrays().forEach(named -> Ops.clearGradient(named.array()));
            try (NDManager step = manager.newSubManager();
                GradientCollector collector = manager.getEngine().newGradientCollector()) {
              NDArray x = precision.of(in.get("x").duplicate());
              x.attach(step);
              NDArray text = precision.of(in.get("text"));
              NDArray answer = Precision.FP32.of(unet.forward(x, timesteps, text, null));
              Ops.backward(collector, answer.square().mean());
            }
            return watched.getGradient();
          });
    }
  }

  private static Rope rope(NDArray states) {
    int length = (int) states.getShape().get(1);
    return Rope.of(states.getManager(), LlamaConfig.SMARTEDIT_7B, length, Precision.in(states));
  }

  private <N> void net(
      String name, Precision precision, Function<Weights, N> load, Consumer<N> use) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile file = TensorFile.open(folder.resolve(name + ".safetensors"))) {
      use.accept(load.apply(Weights.of(file, manager, precision)));
    }
  }

  private void compare(String name, Function<Inputs, NDArray> run) {
    if (!reference.containsKey(name)) {
      return; // the reference was asked for some cases only
    }
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile file = TensorFile.open(folder.resolve(name + ".case.safetensors"))) {
      Map<String, NDArray> tensors = new HashMap<>();
      for (String tensor : file.names()) {
        tensors.put(tensor, file.readStored(tensor, manager));
      }
      Inputs inputs = tensor -> requireNonNull(tensors.get(tensor), tensor);
      double difference = difference(run.apply(inputs), inputs.get("output"));
      run.apply(inputs).close();
      double[] seconds = new double[repetitions];
      for (int i = 0; i < repetitions; i++) {
        long start = System.nanoTime();
        run.apply(inputs).close();
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
      Arrays.sort(seconds);
      double ours = seconds[repetitions / 2];
      double theirs = reference.getOrDefault(name, Double.NaN);
      System.out.printf(
          "%-12s %12.4f %12.4f %7.3f %12.1e%n", name, theirs, ours, ours / theirs, difference);
      double operation = operations.getOrDefault(name, 0.0);
      if (operation > 0) {
        System.out.printf(
            "%-12s %12.1f %12.1f GFLOP/s%n", "", operation / theirs / 1e9, operation / ours / 1e9);
      }
    }
  }

  /** The tensors of a case by name. */
  private interface Inputs {
    NDArray get(String name);
  }

  private static double difference(NDArray actual, NDArray expected) {
    NDArray reference = Precision.FP32.of(expected);
    return Precision.FP32.of(actual).sub(reference).abs().max().getFloat()
        / reference.abs().max().getFloat();
  }
}
