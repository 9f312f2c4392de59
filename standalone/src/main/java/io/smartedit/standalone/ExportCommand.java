package io.smartedit.standalone;

import io.smartedit.training.ModelCopy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit export}: a trained model as it travels. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Copies a model folder, its safetensors in half precision: half the bytes. Or, with",
      "--published, SmartEdit's own parts (LLM-N, unet-N, modulate-N, embeddings_qformer) as the",
      "torch archives that SmartEdit's authors published, in the precision they have."
    })
final class ExportCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model folder.")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", description = "A folder that does not exist yet.")
  private Path out = Path.of("");

  @Option(names = "--published", description = "Torch archives; nothing is rounded.")
  private boolean published;

  @Override
  public Integer call() throws IOException {
    long bytes = published ? ModelCopy.published(model, out) : ModelCopy.halved(model, out);
    System.out.printf("%s: %.1f MB%n", out, bytes / 1e6);
    return 0;
  }
}
