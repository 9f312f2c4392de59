package io.smartedit.standalone;

import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.Doctor;
import io.smartedit.editor.pipeline.Doctor.Part;
import io.smartedit.editor.pipeline.Doctor.Side;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit doctor}: what a model folder has and lacks. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Finds the parts of a model in a folder, checks every tensor's name and shape without",
      "loading it, and says what is missing and what memory the model will take."
    })
final class DoctorCommand implements Callable<Integer> {

  private static final int SHOWN = 5;
  private static final double GIB = 1L << 30;

  @Parameters(paramLabel = "DIR")
  private Path folder = Path.of("");

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description =
          "smartedit, no_interaction, one_way or instruct_pix2pix (default: ${DEFAULT-VALUE}).")
  private Variant variant = Variant.SMARTEDIT;

  @Override
  public Integer call() {
    Doctor.Report report = Doctor.examine(folder, variant);
    System.out.printf("%-20s %8s %10s %-18s %s%n", "part", "tensors", "numbers", "stored", "file");
    report.parts().forEach(this::print);
    System.out.println();
    printMemory(report);
    System.out.println();
    if (report.canRun()) {
      System.out.println(folder + " can run as " + name(variant) + ".");
      return 0;
    }
    System.out.println(folder + " cannot run as " + name(variant) + " until the above is mended:");
    System.out.println(
        "  a part that cannot be found: put its folder, as published, anywhere under " + folder);
    System.out.println(
        "  a file that is cut off or damaged: copy it again and compare its size with the source");
    System.out.println(
        "  a missing, unexpected or wrong-shaped tensor: the file or the config.json beside it"
            + " belongs to another model");
    return Main.MODEL_NOT_USABLE;
  }

  private void print(Part part) {
    Path file = part.file();
    System.out.printf(
        "%-20s %8s %10s %-18s %s%n",
        part.name(),
        part.tensors() == 0 ? "-" : part.tensors(),
        part.parameters() == 0 ? "-" : millions(part.parameters()),
        part.stored(),
        file == null ? "not found" : folder.relativize(file));
    part.problems().stream().limit(SHOWN).forEach(line -> System.out.println("  ! " + line));
    if (part.problems().size() > SHOWN) {
      System.out.println("  ! and " + (part.problems().size() - SHOWN) + " more");
    }
  }

  private static void printMemory(Doctor.Report report) {
    System.out.printf("%-20s %10s %10s %10s%n", "memory for weights", "fp32", "bf16", "fp16");
    for (Side side : Side.values()) {
      System.out.printf("  %-18s", name(side));
      for (Precision precision : Precision.values()) {
        System.out.printf(" %6.2f GiB", report.bytes(side, precision) / GIB);
      }
      System.out.println();
    }
    System.out.println("  With --release-encoder the larger of the two is needed, not their sum.");
  }

  private static String millions(long count) {
    return count < 1_000_000 ? Long.toString(count) : "%.1f M".formatted(count / 1e6);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
