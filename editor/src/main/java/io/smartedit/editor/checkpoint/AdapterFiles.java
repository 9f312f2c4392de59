package io.smartedit.editor.checkpoint;

import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.BadRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The low-rank adapters that edits may name, and what they may take.
 *
 * @param places by name: a file, or the folder that PEFT and diffusers save one in
 * @param maxBytes of memory on the denoiser's device, for all together
 */
public record AdapterFiles(SortedMap<String, Path> places, long maxBytes) {

  /** There are none. */
  public static final AdapterFiles NONE = new AdapterFiles(new TreeMap<>(), 0);

  /** 1 GiB. */
  public static final long DEFAULT_BYTES = 1L << 30;

  /** Adapters of one model. */
  public static final int MOST = 256;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final List<String> ENDINGS = List.of(".safetensors", ".bin");
  private static final List<String> INSIDE =
      List.of(
          "adapter_model.safetensors",
          "pytorch_lora_weights.safetensors",
          "adapter_model.bin",
          "pytorch_lora_weights.bin");

  public AdapterFiles {
    places = Collections.unmodifiableSortedMap(new TreeMap<>(places));
    if (places.size() > MOST) {
      throw new IllegalArgumentException("there are " + places.size() + ", more than " + MOST);
    }
    for (String name : places.keySet()) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "a name is '"
                + name
                + "', must have 1 to 64 characters of A-Z a-z 0-9 . _ - and begin"
                + " with a letter or a digit");
      }
    }
  }

  /**
   * Reads {@code NAME=PLACE,NAME=PLACE}, or a folder whose files and subfolders are adapters by
   * their names.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static SortedMap<String, Path> places(String text) {
    if (text.isBlank()) {
      return new TreeMap<>();
    }
    SortedMap<String, Path> places =
        text.contains("=") ? listed(text) : found(Path.of(text.strip()));
    return new AdapterFiles(places, 0).places();
  }

  private static SortedMap<String, Path> listed(String text) {
    SortedMap<String, Path> places = new TreeMap<>();
    for (String each : text.split(",", -1)) {
      String[] pair = each.strip().split("=", 2);
      if (pair.length < 2 || pair[1].isBlank()) {
        throw new IllegalArgumentException("has '" + each.strip() + "', must have NAME=PLACE");
      }
      Path place = Path.of(pair[1].strip());
      if (!Files.exists(place)) {
        throw new IllegalArgumentException(
            pair[0] + " is to lie in " + place + ", which is not there");
      }
      if (places.put(pair[0].strip(), place) != null) {
        throw new IllegalArgumentException("names " + pair[0].strip() + " twice");
      }
    }
    return places;
  }

  private static SortedMap<String, Path> found(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(folder + " is no folder, and no NAME=PLACE");
    }
    SortedMap<String, Path> places = new TreeMap<>();
    try (Stream<Path> inside = Files.list(folder)) {
      for (Path path : inside.sorted().toList()) {
        String file = String.valueOf(path.getFileName());
        Optional<String> ending = ENDINGS.stream().filter(file::endsWith).findFirst();
        boolean adapter = Files.isDirectory(path) ? weights(path).isPresent() : ending.isPresent();
        String name =
            ending.map(end -> file.substring(0, file.length() - end.length())).orElse(file);
        if (adapter && places.put(name, path) != null) {
          throw new IllegalArgumentException(folder + " has " + name + " twice");
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(folder + " cannot be read", e);
    }
    return places;
  }

  /**
   * Refuses a choice of what is not among these.
   *
   * @throws BadRequestException with the names there are
   */
  public void check(Adapters choice) {
    for (String name : choice.scales().keySet()) {
      if (!places.containsKey(name)) {
        String there =
            places.isEmpty()
                ? "this model has none"
                : "there are " + String.join(", ", places.keySet());
        throw new BadRequestException("adapters: '" + name + "' is not known; " + there);
      }
    }
  }

  /** The file of an adapter that lies in a folder. */
  static Optional<Path> weights(Path folder) {
    return INSIDE.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }
}
