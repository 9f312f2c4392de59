package io.smartedit.worker;

import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.PrecisionChoice;
import io.smartedit.editor.options.Variant;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/** Which model a worker runs, and where its halves lie. */
public record ModelSettings(Path folder, SmartEdit.Settings editor) {

  private static final Setting<String> FOLDER =
      Setting.text("model.folder", "Folder with the model's parts.", "models/smartedit-mini");
  private static final Setting<Variant> VARIANT =
      oneOf(
          "model.variant",
          "smartedit, no_interaction, one_way or instruct_pix2pix.",
          "smartedit",
          Variant.class);
  private static final Setting<PrecisionChoice> ENCODER =
      oneOf(
              "model.encoder-precision",
              "Of the vision encoder and the LLM: auto, fp32, bf16 or fp16.",
              "auto",
              PrecisionChoice.class)
          .formerly("model.reader-precision");
  private static final Setting<PrecisionChoice> DENOISER =
      oneOf(
              "model.denoiser-precision",
              "Of the UNet and the autoencoder: auto, fp32, bf16 or fp16.",
              "auto",
              PrecisionChoice.class)
          .formerly("model.painter-precision");
  private static final Setting<String> ENCODER_DEVICE =
      Setting.text("model.encoder-device", "cpu, or gpu0, gpu1 and so on.", "cpu")
          .formerly("model.reader-device");
  private static final Setting<String> DENOISER_DEVICE =
      Setting.text("model.denoiser-device", "cpu, or gpu0, gpu1 and so on.", "cpu")
          .formerly("model.painter-device");

  private static final Setting<Long> CACHE =
      Setting.bytes(
          "model.cache-bytes",
          "Of Java's memory, for what the nets made of images and instructions; 0 keeps nothing.",
          Long.toString(SmartEdit.Settings.DEFAULT_CACHE_BYTES),
          0,
          1L << 40);

  private static final Setting<SortedMap<String, Path>> ADAPTERS =
      new Setting<>(
          "model.adapters",
          "LoRA adapters of the UNet that requests may name: NAME=FILE,NAME=FILE, or a folder whose"
              + " files and PEFT folders are adapters by their names.",
          "",
          AdapterFiles::places,
          false);
  private static final Setting<Long> ADAPTER_BYTES =
      Setting.bytes(
          "model.adapter-bytes",
          "Of the denoiser's memory, for all adapters.",
          Long.toString(AdapterFiles.DEFAULT_BYTES),
          0,
          1L << 40);

  static final List<Setting<?>> DECLARED =
      List.of(
          FOLDER,
          VARIANT,
          ENCODER,
          DENOISER,
          ENCODER_DEVICE,
          DENOISER_DEVICE,
          CACHE,
          ADAPTERS,
          ADAPTER_BYTES);

  public static ModelSettings of(Settings settings) {
    return new ModelSettings(
        Path.of(settings.get(FOLDER)),
        new SmartEdit.Settings(
            settings.get(VARIANT),
            Placement.named(settings.get(ENCODER_DEVICE), settings.get(ENCODER)),
            Placement.named(settings.get(DENOISER_DEVICE), settings.get(DENOISER)),
            false,
            settings.get(CACHE),
            new AdapterFiles(settings.get(ADAPTERS), settings.get(ADAPTER_BYTES))));
  }

  private static <E extends Enum<E>> Setting<E> oneOf(
      String name, String meaning, String fallback, Class<E> type) {
    return new Setting<>(
        name,
        meaning,
        fallback,
        text ->
            Arrays.stream(type.getEnumConstants())
                .filter(value -> value.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("is none of: " + meaning)),
        false);
  }
}
