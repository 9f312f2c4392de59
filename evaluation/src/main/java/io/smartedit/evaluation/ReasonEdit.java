package io.smartedit.evaluation;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A folder laid out as Reason-Edit: one folder a class, in it {@code NAME.png}, {@code
 * NAME_mask.jpg} and one text file with a line an image, {@code instruction CLIP: description}, in
 * the order of the images' names. The description may be left out.
 */
final class ReasonEdit implements SampleSet {

  private static final String DESCRIPTION = "CLIP:";
  private static final int WHITE = 127;
  private static final long MAX_TEXT = 1 << 20;

  private final List<Item> items;

  private record Item(String group, Path image, Path mask, String line) {}

  private ReasonEdit(List<Item> items) {
    this.items = items;
  }

  /**
   * Lists a folder.
   *
   * @throws IOException naming the folder and what it lacks: a mask, its text, as many lines as
   *     images
   */
  static ReasonEdit open(Path root) throws IOException {
    List<Item> items = new ArrayList<>();
    for (Path folder : list(root, Files::isDirectory)) {
      items.addAll(group(folder));
    }
    if (items.isEmpty()) {
      items.addAll(group(root));
    }
    return new ReasonEdit(items);
  }

  private static List<Item> group(Path folder) throws IOException {
    List<Path> texts = list(folder, path -> path.toString().endsWith(".txt"));
    List<Path> images =
        list(
            folder, path -> isImage(path) && !stem(path).toLowerCase(Locale.ROOT).contains("mask"));
    if (texts.size() != 1 || images.isEmpty()) {
      throw new IOException(
          "%s: expected images and one text file, found %d and %d"
              .formatted(folder, images.size(), texts.size()));
    }
    List<String> lines = lines(texts.get(0));
    if (lines.size() != images.size()) {
      throw new IOException(
          "%s: %d lines for %d images".formatted(texts.get(0), lines.size(), images.size()));
    }
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      items.add(
          new Item(
              String.valueOf(folder.getFileName()),
              images.get(i),
              mask(images.get(i)),
              lines.get(i)));
    }
    return items;
  }

  private static List<String> lines(Path text) throws IOException {
    if (Files.size(text) > MAX_TEXT) {
      throw new IOException(text + ": longer than " + MAX_TEXT + " bytes");
    }
    return Files.readAllLines(text, StandardCharsets.UTF_8).stream()
        .filter(line -> !line.isBlank())
        .toList();
  }

  private static Path mask(Path image) throws IOException {
    for (String end : List.of("_mask.jpg", "_mask.png", "_mask.jpeg")) {
      Path mask = image.resolveSibling(stem(image) + end);
      if (Files.exists(mask)) {
        return mask;
      }
    }
    throw new IOException(image + ": has no " + stem(image) + "_mask.jpg beside it");
  }

  private static boolean isImage(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  private static String stem(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** By number where names are numbers, else by name. */
  private static List<Path> list(Path folder, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !isCompanion(path))
          .filter(wanted)
          .sorted(
              Comparator.comparingLong(ReasonEdit::number)
                  .thenComparing(path -> path.getFileName().toString()))
          .toList();
    }
  }

  /** What macOS and downloaders keep beside a data set's own files. */
  private static boolean isCompanion(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(".") || name.equals("__MACOSX");
  }

  private static long number(Path path) {
    String digits = String.valueOf(path.getFileName()).replaceAll("\\D.*", "");
    return digits.isEmpty() || digits.length() > 9 ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  @Override
  public int size() {
    return items.size();
  }

  /** Squeezed to a square of the working size, as the paper does. */
  @Override
  public Sample get(int index, int side) throws IOException {
    Item item = items.get(index);
    String[] parts = item.line.split(DESCRIPTION, 2);
    return new Sample(
        item.group,
        stem(item.image),
        List.of(parts[0].strip()),
        square(item.image, side),
        Optional.of(white(square(item.mask, side))),
        Optional.empty(),
        parts.length < 2 ? Optional.empty() : Optional.of(parts[1].strip()));
  }

  private static Image square(Path file, int side) throws IOException {
    if (Files.size(file) > ImageLimits.DEFAULT.maxBytes()) {
      throw new IOException(file + ": more than " + ImageLimits.DEFAULT.maxBytes() + " bytes");
    }
    return Bicubic.resize(
        ImageCodec.decode(Files.readAllBytes(file), ImageLimits.DEFAULT), side, side);
  }

  private static boolean[] white(Image image) {
    boolean[] mask = new boolean[image.width() * image.height()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (image.rgb()[3 * i] & 0xFF) > WHITE;
    }
    return mask;
  }
}
