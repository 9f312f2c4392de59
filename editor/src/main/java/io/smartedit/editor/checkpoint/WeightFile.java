package io.smartedit.editor.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file of weights, or an index of shards, by the name that transformers, diffusers or PEFT gave
 * it: {@code model.safetensors}, {@code diffusion_pytorch_model.fp16.safetensors}, {@code
 * model.safetensors.index.json}, {@code diffusion_pytorch_model.safetensors.index.fp16.json},
 * {@code adapter_model.bin}.
 *
 * @param isSafe whether it is safetensors, which are preferred to pickles
 * @param variant empty, or {@code fp16}, {@code bf16}, {@code non_ema} ...
 */
record WeightFile(Path path, boolean isSafe, String variant) {

  private static final Pattern NAME =
      Pattern.compile(
          "(?:adapter_model|diffusion_pytorch_model|model|pytorch_model)"
              + "(?:\\.(?<variant>[A-Za-z0-9_]+))?\\.(?<kind>safetensors|bin)"
              + "(?:\\.index(?:\\.(?<late>[A-Za-z0-9_]+))?\\.json)?");

  private static final List<String> PREFERRED = List.of("", "fp32", "bf16", "fp16");

  /** The best one that is there; a Git LFS pointer only where there is nothing else. */
  static Optional<Path> in(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> visible =
          files.filter(file -> !String.valueOf(file.getFileName()).startsWith(".")).toList();
      Optional<Path> known =
          visible.stream()
              .flatMap(file -> of(file).stream())
              .min(
                  Comparator.comparing((WeightFile file) -> !file.isUsable())
                      .thenComparing(file -> !file.isSafe)
                      .thenComparing(file -> rank(file.variant))
                      .thenComparing(file -> !file.isIndex())
                      .thenComparing(WeightFile::path))
              .map(WeightFile::path);
      return known.isPresent() ? known : only(visible);
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be listed", e);
    }
  }

  private static Optional<WeightFile> of(Path file) {
    Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String variant =
        Stream.of("variant", "late")
            .map(matcher::group)
            .filter(group -> group != null)
            .findFirst()
            .orElse("");
    return Optional.of(new WeightFile(file, matcher.group("kind").equals("safetensors"), variant));
  }

  private static Optional<Path> only(List<Path> files) {
    List<Path> weights =
        files.stream()
            .filter(file -> file.toString().matches(".*\\.(safetensors|bin)"))
            .filter(Files::isRegularFile)
            .toList();
    return weights.size() == 1 ? Optional.of(weights.get(0)) : Optional.empty();
  }

  private boolean isIndex() {
    return isIndex(path);
  }

  /** An index without all of its shards is of no use where there is something else. */
  private boolean isUsable() {
    if (!Files.isRegularFile(path) || LfsPointer.is(path)) {
      return false;
    }
    try {
      return !isIndex() || TensorFiles.shards(path).stream().noneMatch(LfsPointer::is);
    } catch (CheckpointException e) {
      return false;
    }
  }

  private static int rank(String variant) {
    int rank = PREFERRED.indexOf(variant);
    return rank < 0 ? PREFERRED.size() : rank;
  }

  /** Whether a file lists shards. */
  static boolean isIndex(Path path) {
    return path.toString().matches(".*\\.index(\\.[A-Za-z0-9_]+)?\\.json");
  }
}
