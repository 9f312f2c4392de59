package io.smartedit.standalone;

import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.scheduler.Sampler;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command's edits are denoised; as the model's makers would where nothing is said. */
final class SamplingOptions {

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

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      description = {
        "euler_ancestral, euler, ddim, dpmpp_2m, dpmpp_2m_karras or unipc",
        "(default: the model's, else euler_ancestral)."
      })
  private @Nullable Sampler sampler;

  int steps(EditOptions defaults) {
    return Optional.ofNullable(steps).orElse(defaults.steps());
  }

  Guidance guidance(EditOptions defaults) {
    Guidance usual = defaults.guidance();
    return new Guidance(
        Optional.ofNullable(guidance).orElse(usual.text()),
        Optional.ofNullable(imageGuidance).orElse(usual.image()),
        usual.from(),
        usual.until());
  }

  Sampler sampler(EditOptions defaults) {
    return Optional.ofNullable(sampler).orElse(defaults.sampler());
  }
}
