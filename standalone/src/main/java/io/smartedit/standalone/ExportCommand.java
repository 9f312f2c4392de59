package io.smartedit.standalone;

import io.smartedit.training.ModelCopy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code smartedit export}: a trained model in half precision. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Copies a model folder, its safetensors in half precision: half the bytes.")
final class ExportCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model folder.")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", description = "A folder that does not exist yet.")
  private Path out = Path.of("");

  @Override
  public Integer call() throws IOException {
    System.out.printf("%s: %.1f MB%n", out, ModelCopy.halved(model, out) / 1e6);
    return 0;
  }
}
