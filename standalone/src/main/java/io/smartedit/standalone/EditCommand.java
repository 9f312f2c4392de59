package io.smartedit.standalone;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.EditedImage;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.editor.composite.Box;
import io.smartedit.editor.composite.Change;
import io.smartedit.editor.composite.Mask;
import io.smartedit.editor.image.Encoding;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.Provenance;
import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.RequestRules;
import io.smartedit.provenance.ContentCredentials;
import io.smartedit.provenance.DigitalSourceType;
import io.smartedit.provenance.Edit;
import io.smartedit.provenance.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

  @Parameters(index = "0", paramLabel = "IN", description = "PNG, JPEG, WebP, GIF, BMP or TIFF.")
  private Path in = Path.of("");

  @Parameters(index = "1", paramLabel = "INSTRUCTION", description = "What to change, in words.")
  private String instruction = "";

  @Parameters(
      index = "2",
      paramLabel = "OUT",
      description = "Written as PNG, JPEG or WebP by its name.")
  private Path out = Path.of("");

  @Mixin private ModelOptions model = new ModelOptions();

  @Mixin private SigningOptions signing = new SigningOptions();

  @Mixin private SamplingOptions sampling = new SamplingOptions();

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

  @Option(
      names = "--adapters",
      paramLabel = "PLACES",
      description =
          "LoRA adapters that edits may name: NAME=FILE,NAME=FILE, or a folder with them.")
  private String adapters = "";

  @Option(
      names = "--adapter",
      paramLabel = "NAME[=SCALE]",
      mapFallbackValue = "1",
      description = "A LoRA adapter of the UNet, out of --adapters; may be given up to 4 times.")
  private Map<String, Double> scales = new TreeMap<>();

  @Option(
      names = "--no-composite",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "The model's own image, not what it changed laid into the source at the source's size.")
  private boolean composite;

  @Option(
      names = "--restore",
      description = "With --no-composite: bring the result back to the source's size.")
  private boolean restore;

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description = "An image of the source's size: where it is black nothing changes.")
  private @Nullable Path mask;

  @Option(
      names = "--region",
      paramLabel = "X,Y,WIDTH,HEIGHT",
      split = ",",
      hideParamSyntax = true,
      description = "Pixels of the source outside of which nothing changes.")
  private @Nullable List<Integer> region;

  @Option(
      names = "--quality",
      paramLabel = "1..100",
      description = {
        "Of JPEG (default: 95) and WebP; without it WebP is lossless.",
        "PNG is always exact."
      })
  private @Nullable Integer quality;

  @Option(
      names = "--variants",
      description = {
        "Images that are wanted, with the seeds that follow, written beside OUT as OUT-2, OUT-3",
        "and so on (default: ${DEFAULT-VALUE}, at most 16)."
      })
  private int variants = 1;

  @Option(
      names = "--metadata",
      description = {
        "What is kept of the source's EXIF, XMP and IPTC: all, no_location or nothing",
        "(default: ${DEFAULT-VALUE})."
      })
  private Encoding.Keep keep = Encoding.Keep.ALL;

  @Option(
      names = "--changed",
      paramLabel = "FILE",
      description = "Writes where the result differs from the source: white on black, PNG.")
  private @Nullable Path changed;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Encoding encoding = encoding();
    FullImage source = read(in);
    if (composite || restore) {
      encoding.requireHolds(source.width(), source.height());
    }
    Mask allowed = allowed();
    if (changed != null && !composite) {
      throw new BadRequestException("--changed holds for composites; composite is off");
    }
    if (variants < 1 || variants > RequestRules.MAX_VARIANTS) {
      throw new BadRequestException(
          "--variants is " + variants + ", must be from 1 to " + RequestRules.MAX_VARIANTS);
    }
    Optional<ContentCredentials> signer = signing.signer();
    try (ConsoleProgress progress = new ConsoleProgress();
        SmartEdit editor = SmartEdit.open(model.model, model.settings().with(adapters()))) {
      EditOptions options = options(editor.defaults());
      EditRequest request = new EditRequest(source, instruction, options, allowed);
      String name = String.valueOf(model.model.toRealPath().getFileName());
      int variant = 1;
      for (EditedImage edited : editor.edit(request, variants, progress)) {
        Provenance provenance =
            new Provenance(
                name,
                edited.options().adapters().toString(),
                edited.options().seed(),
                null,
                edited.isWhole());
        byte[] image = ImageCodec.encode(edited.full(), encoding, provenance);
        Path file = variant == 1 ? out : numbered(out, variant);
        write(file, signer.isPresent() ? signer.get().sign(image, story(name, edited)) : image);
        say(edited.changed(), variant);
        System.out.println(file);
        variant++;
      }
    }
    return 0;
  }

  private Encoding encoding() {
    ImageCodec.Format format = ImageCodec.Format.of(out.toString());
    if (quality != null && format == ImageCodec.Format.PNG) {
      throw new BadRequestException("--quality is of JPEG and WebP; " + out + " will be a PNG");
    }
    return new Encoding(format, quality, keep);
  }

  /** A name with a number before its ending. */
  private static Path numbered(Path file, int number) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.') < 0 ? name.length() : name.lastIndexOf('.');
    return file.resolveSibling(name.substring(0, dot) + "-" + number + name.substring(dot));
  }

  /** What the image's credentials say. */
  private Edit story(String name, EditedImage edited) throws IOException {
    return new Edit(
        name,
        edited.options().adapters().scales(),
        edited.options().seed(),
        null,
        DigitalSourceType.of(edited.isWhole()),
        Source.of(String.valueOf(in.getFileName()), Files.readAllBytes(in), Clock.systemUTC()));
  }

  private AdapterFiles adapters() {
    try {
      return new AdapterFiles(AdapterFiles.places(adapters), AdapterFiles.DEFAULT_BYTES);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException("--adapters " + e.getMessage());
    }
  }

  private EditOptions options(EditOptions defaults) {
    return new EditOptions(
        sampling.steps(defaults),
        sampling.guidance(defaults),
        seed,
        size == null ? defaults.size() : size,
        fit,
        restore,
        composite,
        sampling.sampler(defaults),
        Adapters.of(scales));
  }

  private @Nullable Mask allowed() throws IOException {
    if (mask != null && region != null) {
      throw new BadRequestException("--mask and --region: name one of them");
    }
    if (mask != null) {
      return new Mask.Levels(read(mask).view());
    }
    if (region == null) {
      return null;
    }
    if (region.size() != 4) {
      throw new BadRequestException(
          "--region has " + region.size() + " numbers, must have 4: X,Y,WIDTH,HEIGHT");
    }
    return new Mask.Region(new Box(region.get(0), region.get(1), region.get(2), region.get(3)));
  }

  private void say(@Nullable Change change, int variant) throws IOException {
    if (change == null) {
      return;
    }
    Box box = change.box();
    System.out.printf(
        "changed %.1f %% of the image, %d,%d %dx%d%n",
        100 * change.share(), box.left(), box.top(), box.width(), box.height());
    if (changed != null) {
      Path file = variant == 1 ? changed : numbered(changed, variant);
      write(file, ImageCodec.encode(change.mask(), ImageCodec.Format.PNG));
    }
  }

  private static FullImage read(Path file) throws IOException {
    if (Files.size(file) > ImageLimits.DEFAULT.maxBytes()) {
      throw new IOException(
          file
              + " has "
              + Files.size(file)
              + " bytes, more than "
              + ImageLimits.DEFAULT.maxBytes());
    }
    return ImageCodec.decodeFull(Files.readAllBytes(file), ImageLimits.DEFAULT);
  }

  /** Whole or not at all. */
  private static void write(Path out, byte[] bytes) throws IOException {
    Path temporary = out.resolveSibling(out.getFileName() + ".part");
    Files.write(temporary, bytes);
    Files.move(temporary, out, StandardCopyOption.REPLACE_EXISTING);
  }
}
