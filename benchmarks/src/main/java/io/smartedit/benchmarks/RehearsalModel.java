package io.smartedit.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.bim.BidirectionalInteraction;
import io.smartedit.editor.bim.InteractionConfig;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.checkpoint.TorchArchiveWriter;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.llama.LlamaConfig;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.qformer.QFormerConfig;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.unet.UNetConfig;
import io.smartedit.editor.vae.Autoencoder;
import io.smartedit.editor.vae.VaeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes a SmartEdit-7B-sized model of random numbers in the published layout: real names, shapes
 * and formats, about 17 GB.
 *
 * <p>Usage: {@code RehearsalModel DIR TOKENIZER_MODEL}. Edits made with it are noise; it is there
 * to rehearse loading, memory and time.
 */
final class RehearsalModel {

  private static final int LORA_RANK = 8;

  private final Path root;

  private RehearsalModel(Path root) {
    this.root = root;
  }

  public static void main(String[] arguments) throws IOException {
    RehearsalModel model = new RehearsalModel(Path.of(arguments[0]));
    model.smartEdit();
    model.beside(Path.of(arguments[1]));
  }

  private void smartEdit() throws IOException {
    Path smartEdit = root.resolve("SmartEdit-7B");
    LlamaConfig llama = LlamaConfig.SMARTEDIT_7B;
    Map<String, Shape> llm = prefixed("model.base_model.model.", shapes(w -> Llama.load(w, llama)));
    for (int i = 0; i < llama.layers(); i++) {
      for (String name : new String[] {"q_proj", "v_proj"}) {
        String stem = "model.base_model.model.layers." + i + ".self_attn." + name;
        llm.put(stem + ".lora_A.default.weight", new Shape(LORA_RANK, llama.width()));
        llm.put(stem + ".lora_B.default.weight", new Shape(llama.width(), LORA_RANK));
      }
    }
    archive(smartEdit.resolve("LLM-15000/adapter_model.bin"), llm, Precision.BF16);
    Map<String, Shape> qformer = shapes(w -> QFormer.load(w, QFormerConfig.SMARTEDIT_7B));
    qformer.put("mm_projector.weight", new Shape(llama.width(), 1024));
    qformer.put("mm_projector.bias", new Shape(llama.width()));
    qformer.put("lm_head.weight", new Shape(llama.vocabulary(), llama.width()));
    archive(
        smartEdit.resolve("embeddings_qformer/checkpoint-15000_embeddings_qformer.bin"),
        qformer,
        Precision.FP32);
    archive(
        smartEdit.resolve("unet-15000/adapter_model.bin"),
        prefixed("unet.", shapes(w -> UNet.load(w, UNetConfig.INSTRUCT_PIX2PIX))),
        Precision.FP32);
    archive(
        smartEdit.resolve("modulate-15000/adapter_model.bin"),
        shapes(w -> BidirectionalInteraction.load(w, InteractionConfig.SMARTEDIT)),
        Precision.FP32);
  }

  private void beside(Path tokenizer) throws IOException {
    Path vicuna = Files.createDirectories(root.resolve("vicuna-7b-v1-1"));
    Files.copy(tokenizer, vicuna.resolve("tokenizer.model"));
    ClipConfig vision = ClipConfig.VIT_L_14_VISION;
    Path clip = root.resolve("clip-vit-large-patch14");
    safetensors(
        clip.resolve("model.safetensors"), shapes(w -> VisionEncoder.load(w, vision, 224, 14)));
    config(
        clip,
        Map.of(
            "model_type", "clip_vision_model",
            "hidden_size", vision.width(),
            "intermediate_size", vision.mlp(),
            "num_hidden_layers", vision.layers(),
            "num_attention_heads", vision.heads(),
            "image_size", 224,
            "patch_size", 14));
    Path diffusion = root.resolve("instruct-pix2pix");
    safetensors(
        diffusion.resolve("text_encoder/model.safetensors"),
        shapes(w -> TextEncoder.load(w, ClipConfig.VIT_L_14_TEXT, 49408, 77)));
    safetensors(
        diffusion.resolve("vae/diffusion_pytorch_model.safetensors"),
        shapes(w -> Autoencoder.load(w, VaeConfig.STABLE_DIFFUSION)));
  }

  /** What a net asks for, heard by letting it load from nothing. */
  private static Map<String, Shape> shapes(Consumer<Weights> load) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Weights weights = Weights.survey(TensorSource.NONE, manager);
      load.accept(weights);
      return new LinkedHashMap<>(weights.expected());
    }
  }

  private static Map<String, Shape> prefixed(String prefix, Map<String, Shape> shapes) {
    Map<String, Shape> renamed = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> renamed.put(prefix + name, shape));
    return renamed;
  }

  private static void archive(Path file, Map<String, Shape> shapes, Precision precision)
      throws IOException {
    announce(file, shapes);
    Files.createDirectories(file.getParent());
    try (TorchArchiveWriter writer = new TorchArchiveWriter(file)) {
      for (Map.Entry<String, Shape> entry : shapes.entrySet()) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
          writer.add(entry.getKey(), random(manager, entry.getValue(), precision));
        }
      }
      writer.finish();
    }
  }

  private static void safetensors(Path file, Map<String, Shape> shapes) throws IOException {
    announce(file, shapes);
    Files.createDirectories(file.getParent());
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      shapes.forEach((name, shape) -> arrays.put(name, random(manager, shape, Precision.FP32)));
      Safetensors.write(file, arrays, Map.of());
    }
  }

  /** Small enough that activations stay finite in half precision; norms near one. */
  private static NDArray random(NDManager manager, Shape shape, Precision precision) {
    NDArray values = manager.randomNormal(0, 0.02f, shape, DataType.FLOAT32);
    return precision.of(shape.dimension() == 1 ? values.add(1) : values);
  }

  private static void config(Path folder, Map<String, Object> values) throws IOException {
    new ObjectMapper().writeValue(folder.resolve("config.json").toFile(), values);
  }

  private static void announce(Path file, Map<String, Shape> shapes) {
    System.out.println("writing " + file + " (" + shapes.size() + " tensors)");
  }
}
