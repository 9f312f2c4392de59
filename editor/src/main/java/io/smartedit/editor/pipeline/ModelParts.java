package io.smartedit.editor.pipeline;

import io.smartedit.editor.bim.BidirectionalInteraction;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.bim.InteractionConfig;
import io.smartedit.editor.bim.OneWayInteraction;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ConfigFile;
import io.smartedit.editor.checkpoint.LfsPointer;
import io.smartedit.editor.checkpoint.LoraMerge;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.RenamedTensors;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.llama.LlamaConfig;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.options.Variant;
import java.nio.file.Path;
import java.util.Optional;

/** Each part's file, and the oddities in how its authors named what is inside. */
final class ModelParts {

  private ModelParts() {}

  static Path llm(ModelFolder folder) {
    return found(folder, folder.llm(), "the LLM", "LLM-N/adapter_model.bin");
  }

  static Path qformer(ModelFolder folder) {
    return found(
        folder,
        folder.qformer(),
        "the Q-Former",
        "embeddings_qformer/checkpoint-N_embeddings_qformer.bin");
  }

  static Path unet(ModelFolder folder) {
    return found(folder, folder.unet(), "SmartEdit's UNet", "unet-N/adapter_model.bin");
  }

  static Path interaction(ModelFolder folder) {
    return found(
        folder, folder.interaction(), "the interaction module", "modulate-N/adapter_model.bin");
  }

  static Path tokenizer(ModelFolder folder) {
    Path tokenizer = found(folder, folder.tokenizer(), "LLaMA's tokenizer", "tokenizer.model");
    LfsPointer.refuse(tokenizer);
    return tokenizer;
  }

  static Path clip(ModelFolder folder) {
    return found(
        folder,
        folder.clip().flatMap(ModelFolder::weights),
        "CLIP's vision encoder",
        "clip-vit-large-patch14/ with config.json and model.safetensors");
  }

  static Path diffusion(ModelFolder folder) {
    return found(
        folder, folder.diffusion(), "InstructPix2Pix", "instruct-pix2pix/ with vae, text_encoder");
  }

  static Path inDiffusion(ModelFolder folder, String part) {
    Path place = diffusion(folder).resolve(part);
    return found(folder, ModelFolder.weights(place), place.toString(), "its weights");
  }

  static Path baselineUnet(ModelFolder folder) {
    return inDiffusion(folder, "unet");
  }

  private static Path found(ModelFolder folder, Optional<Path> path, String part, String as) {
    return path.orElseThrow(
        () ->
            new CheckpointException(
                folder.root() + ": cannot find " + part + " (looked for " + as + ")"));
  }

  /** The LLM without its wrappers' prefix, adapters merged. */
  static TensorSource llmSource(TensorSource file, ModelFolder folder) {
    String embedding = "embed_tokens.weight";
    String prefix =
        file.names().stream()
            .filter(name -> name.endsWith(embedding))
            .map(name -> name.substring(0, name.length() - embedding.length()))
            .findFirst()
            .orElse("");
    double alpha =
        folder
            .adapterConfig()
            .map(path -> ConfigFile.read(path).number("lora_alpha", 0))
            .orElse(0.0);
    String lastPrefix = prefix;
    return new LoraMerge(
        new RenamedTensors(
            file,
            name ->
                name.startsWith(lastPrefix)
                    ? name.substring(lastPrefix.length())
                    : name.endsWith("lm_head.weight") ? "lm_head.weight" : name),
        alpha);
  }

  /** SmartEdit's UNet archive puts {@code unet.} before every name. */
  static TensorSource unprefixed(TensorSource file) {
    return RenamedTensors.withoutPrefix(file, "unet.");
  }

  static Linear projector(Weights weights, ClipConfig vision, LlamaConfig llama) {
    return Linear.load(weights.at("mm_projector"), vision.width(), llama.width());
  }

  /** Read by somebody else, or needed in training only. */
  static void ignoreBesideQFormer(Weights weights) {
    weights.ignore(name -> name.startsWith("mm_projector.") || name.equals("lm_head.weight"));
  }

  static Interaction interaction(Weights weights, InteractionConfig config, Variant variant) {
    return variant == Variant.ONE_WAY
        ? OneWayInteraction.load(weights, config)
        : BidirectionalInteraction.load(weights, config);
  }
}
