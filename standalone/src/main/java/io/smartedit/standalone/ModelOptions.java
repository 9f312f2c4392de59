package io.smartedit.standalone;

import ai.djl.Device;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.PrecisionChoice;
import io.smartedit.editor.options.Variant;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of every command that runs a model. */
final class ModelOptions {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = {
        "Folder with the model's parts; `smartedit doctor DIR` says what it needs",
        "(default: smartedit-mini, which comes with the project)."
      })
  Path model = ShippedModel.folder();

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description =
          "smartedit, no_interaction, one_way or instruct_pix2pix (default: ${DEFAULT-VALUE}).")
  Variant variant = Variant.SMARTEDIT;

  @Option(
      names = {"--encoder-precision", "--reader-precision"},
      paramLabel = "P",
      description =
          "Of the vision encoder and the LLM: auto, fp32, bf16, fp16 (default: ${DEFAULT-VALUE}).")
  PrecisionChoice encoderPrecision = PrecisionChoice.AUTO;

  @Option(
      names = {"--denoiser-precision", "--painter-precision"},
      paramLabel = "P",
      description =
          "Of the UNet and the autoencoder: auto, fp32, bf16, fp16 (default: ${DEFAULT-VALUE}).")
  PrecisionChoice denoiserPrecision = PrecisionChoice.AUTO;

  @Option(
      names = {"--encoder-device", "--reader-device"},
      paramLabel = "D",
      description = "cpu, or gpu0, gpu1 ... (default: cpu).")
  String encoderDevice = "cpu";

  @Option(
      names = {"--denoiser-device", "--painter-device"},
      paramLabel = "D",
      description = "cpu, or gpu0, gpu1 ... (default: cpu).")
  String denoiserDevice = "cpu";

  @Option(
      names = {"--release-encoder", "--release-reader"},
      description = "Free the LLM before denoising: it and the UNet never lie in memory together.")
  boolean releaseEncoder;

  /** What a model is called in events and reports: its folder's name. */
  static String name(Path model) {
    return String.valueOf(model.toAbsolutePath().normalize().getFileName());
  }

  SmartEdit.Settings settings() {
    return new SmartEdit.Settings(
        variant,
        Placement.named(encoderDevice, encoderPrecision),
        Placement.named(denoiserDevice, denoiserPrecision),
        releaseEncoder);
  }

  /** The same with all nets in one precision, and nothing kept from edit to edit. */
  SmartEdit.Settings settings(Precision precision) {
    return new SmartEdit.Settings(
        variant,
        new Placement(Device.fromName(encoderDevice), precision),
        new Placement(Device.fromName(denoiserDevice), precision),
        releaseEncoder,
        0);
  }
}
