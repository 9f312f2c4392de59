package io.smartedit.standalone;

import io.smartedit.editor.EditOptions;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.EditedImage;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.Provenance;
import io.smartedit.editor.pipeline.Guidance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit edit}: one image, one instruction, one result. */
@Command(
    name = "edit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Edits one image.",
    footer = {
      "",
      "Examples:",
      "  ./smartedit edit models/smartedit-mini/example.png \"remove the smaller owl\" out.png",
      "  ./smartedit edit in.jpg \"remove the smaller cat\" out.png --model models/smartedit-7b"
    })
final class EditCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "IN", description = "PNG, JPEG, WebP, GIF or BMP.")
  private Path in = Path.of("");

  @Parameters(index = "1", paramLabel = "INSTRUCTION", description = "What to change, in words.")
  private String instruction = "";

  @Parameters(index = "2", paramLabel = "OUT", description = "Written as PNG or JPEG by its name.")
  private Path out = Path.of("");

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--steps", description = "Denoising steps (default: the model's, else 100).")
  private @Nullable Integer steps;

  @Option(
      names = "--guidance",
      description = "Weight of the instruction (default: the model's, else 7.5).")
  private @Nullable Double guidance;

  @Option(
      names = "--image-guidance",
      description = "Weight of the source image (default: the model's, else 1.5).")
  private @Nullable Double imageGuidance;

  @Option(names = "--seed", description = "Same seed, same image (default: ${DEFAULT-VALUE}).")
  private long seed = EditOptions.DEFAULT.seed();

  @Option(
      names = "--size",
      description = "Side of the working image, a multiple of 8 (default: the model's, else 256).")
  private @Nullable Integer size;

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
    Image source = ImageCodec.decode(readImage(), ImageLimits.DEFAULT);
    try (SmartEdit editor = SmartEdit.open(model.model, model.settings());
        ConsoleProgress progress = new ConsoleProgress()) {
      EditOptions options = options(editor.defaults());
      EditedImage edited = editor.edit(new EditRequest(source, instruction, options), progress);
      String name = String.valueOf(model.model.toRealPath().getFileName());
      write(ImageCodec.encode(edited.image(), format, new Provenance(name, seed, null)));
    }
    System.out.println(out);
    return 0;
  }

  private EditOptions options(EditOptions defaults) {
    Guidance usual = defaults.guidance();
    return new EditOptions(
        or(steps, defaults.steps()),
        new Guidance(or(guidance, usual.text()), or(imageGuidance, usual.image())),
        seed,
        or(size, defaults.size()),
        fit,
        restore);
  }

  private static <T> T or(@Nullable T given, T otherwise) {
    return given == null ? otherwise : given;
  }

  private byte[] readImage() throws IOException {
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
