package io.smartedit.editor.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How an adapter's terms are scaled, where its tensors do not say: by PEFT's {@code
 * adapter_config.json} beside the file, or by what diffusers writes of it into the file's head.
 *
 * @param alpha null for the rank
 * @param rootOfRank whether alpha is divided by the root of the rank and not by the rank
 *     (Kalajdzievski, 2023)
 */
record LoraScale(@Nullable Double alpha, boolean rootOfRank) {

  private static final String METADATA = "lora_adapter_metadata";
  private static final String PREFIX = "unet.";

  /** What is said of a file. */
  static LoraScale beside(TensorFile file) {
    String metadata = file.metadata().get(METADATA);
    if (metadata != null) {
      try {
        return of(file.path(), new ObjectMapper().readTree(metadata), PREFIX);
      } catch (JsonProcessingException e) {
        throw new CheckpointException(file.path() + ": " + METADATA + " is not JSON", e);
      }
    }
    Path config = file.path().resolveSibling("adapter_config.json");
    return of(config, ConfigFile.read(config).root(), "");
  }

  private static LoraScale of(Path path, JsonNode root, String prefix) {
    for (String unsupported : new String[] {"alpha_pattern", "use_dora"}) {
      JsonNode node = root.path(prefix + unsupported);
      if (node.isContainerNode() ? !node.isEmpty() : node.asBoolean()) {
        throw new CheckpointException(
            path + ": " + prefix + unsupported + " is " + node + ", which is not supported");
      }
    }
    JsonNode alpha = root.path(prefix + "lora_alpha");
    if (!alpha.isNumber() && !alpha.isMissingNode() && !alpha.isNull()) {
      throw new CheckpointException(
          path + ": " + prefix + "lora_alpha is " + alpha + ", must be a number");
    }
    return new LoraScale(
        alpha.isNumber() ? alpha.asDouble() : null, root.path(prefix + "use_rslora").asBoolean());
  }

  /** What a term of this rank is multiplied with; {@code stored} is the tensors' own alpha. */
  double of(long rank, @Nullable Double stored) {
    double numerator = stored != null ? stored : alpha != null ? alpha : rank;
    return numerator / (rootOfRank ? Math.sqrt((double) rank) : rank);
  }
}
