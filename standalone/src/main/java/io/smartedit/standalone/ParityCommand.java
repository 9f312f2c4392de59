package io.smartedit.standalone;

import io.smartedit.evaluation.parity.Comparison;
import io.smartedit.evaluation.parity.EditParity;
import io.smartedit.evaluation.parity.TrainingParity;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit parity}: our numbers beside a reference's. */
@Command(
    name = "parity",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the edit of a folder that a reference program wrote, and compares every tensor.",
      "",
      "The folder holds a model, config.json, source.png, edited.png and golden.safetensors.",
      "Differences are relative to the reference's largest value; whole numbers and the image",
      "are compared as they are. Latents may differ ten times as much as other tensors."
    })
final class ParityCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR")
  private Path folder = Path.of("");

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      description = "Largest relative difference (default: ${DEFAULT-VALUE}).")
  private double tolerance = EditParity.TOLERANCE;

  @Option(
      names = "--training",
      description = "Compare one training step with training.safetensors instead.")
  private boolean training;

  @Override
  public Integer call() {
    List<Comparison> lines =
        training ? TrainingParity.run(folder) : EditParity.run(folder, tolerance);
    System.out.printf(
        "%-28s %-18s %10s %10s %10s%n", "tensor", "shape", "largest", "mean", "may be");
    for (Comparison line : lines) {
      System.out.printf(
          "%-28s %-18s %10.1e %10.1e %10.1e  %s%n",
          line.name(),
          line.shape(),
          line.largest(),
          line.mean(),
          line.allowed(),
          line.passes() ? "ok" : "DIFFERS");
    }
    long differing = lines.stream().filter(line -> !line.passes()).count();
    System.out.println(
        differing == 0
            ? "all " + lines.size() + " agree"
            : differing + " of " + lines.size() + " differ");
    return differing == 0 ? 0 : Main.FAILED;
  }
}
