package io.smartedit.standalone;

import io.smartedit.EditOptions;
import io.smartedit.EditRequest;
import io.smartedit.EditedImage;
import io.smartedit.SmartEdit;
import io.smartedit.image.ImageCodec;
import io.smartedit.image.ImageLimits;
import io.smartedit.image.Picture;
import io.smartedit.pipeline.Guidance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit edit}: one picture, one instruction, one result. */
@Command(
    name = "edit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Edits one picture.",
    footer = {
      "",
      "Example:",
      "  ./smartedit edit in.png \"remove the smaller cat\" out.png --model models/smartedit-7b"
    })
final class EditCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "IN", description = "PNG, JPEG, WebP, GIF or BMP.")
  private Path in = Path.of("");

  @Parameters(index = "1", paramLabel = "INSTRUCTION", description = "What to change, in words.")
  private String instruction = "";

  @Parameters(index = "2", paramLabel = "OUT", description = "Written as PNG or JPEG by its name.")
  private Path out = Path.of("");

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--steps", description = "Denoising steps (default: ${DEFAULT-VALUE}).")
  private int steps = EditOptions.DEFAULT.steps();

  @Option(
      names = "--guidance",
      description = "Weight of the instruction (default: ${DEFAULT-VALUE}).")
  private double guidance = Guidance.DEFAULT.text();

  @Option(
      names = "--image-guidance",
      description = "Weight of the source picture (default: ${DEFAULT-VALUE}).")
  private double imageGuidance = Guidance.DEFAULT.image();

  @Option(names = "--seed", description = "Same seed, same picture (default: ${DEFAULT-VALUE}).")
  private long seed = EditOptions.DEFAULT.seed();

  @Option(
      names = "--size",
      description = "Side of the working picture, a multiple of 8 (default: ${DEFAULT-VALUE}).")
  private int size = EditOptions.DEFAULT.size();

  @Option(
      names = "--fit",
      description =
          "square: to a square, as the paper does; aspect: keeps proportions"
              + " (default: ${DEFAULT-VALUE}).")
  private EditOptions.Fit fit = EditOptions.DEFAULT.fit();

  @Option(names = "--restore", description = "Bring the result back to the source's size.")
  private boolean restore;

  @Override
  public Integer call() throws IOException {
    ImageCodec.Format format = ImageCodec.Format.of(out.toString());
    Guidance weights = new Guidance(guidance, imageGuidance);
    EditOptions options = new EditOptions(steps, weights, seed, size, fit, restore);
    Picture source = ImageCodec.decode(readPicture(), ImageLimits.DEFAULT);
    try (SmartEdit editor = SmartEdit.open(model.model, model.settings());
        ConsoleProgress progress = new ConsoleProgress()) {
      EditedImage edited = editor.edit(new EditRequest(source, instruction, options), progress);
      write(ImageCodec.encode(edited.picture(), format));
    }
    System.out.println(out);
    return 0;
  }

  private byte[] readPicture() throws IOException {
    if (Files.size(in) > ImageLimits.DEFAULT.maxBytes()) {
      throw new IOException(
          in + " has " + Files.size(in) + " bytes, more than " + ImageLimits.DEFAULT.maxBytes());
    }
    return Files.readAllBytes(in);
  }

  /** Whole or not at all. */
  private void write(byte[] bytes) throws IOException {
    Path temporary = out.resolveSibling(out.getFileName() + ".part");
    Files.write(temporary, bytes);
    Files.move(temporary, out, StandardCopyOption.REPLACE_EXISTING);
  }
}
