package io.smartedit.worker;

import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.scheduler.Sampler;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Fit;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RequestRules;
import io.smartedit.store.SourcePolicy;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a request must be before anything is fetched; anybody may write to the topic. */
final class RequestCheck {

  private RequestCheck() {}

  /** Refuses a request that the front door would refuse, and one for another model. */
  static void check(EditRequested request, SourcePolicy sources, String model) {
    try {
      RequestRules.check(request);
      if (!request.getSource().startsWith(RequestRules.REQUEST_SOURCE)) {
        sources.check(request.getSource());
      }
    } catch (InvalidRequestException e) {
      throw JobFailedException.rejected(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw JobFailedException.rejected("source: " + e.getMessage());
    }
    checkMask(request.getOptions(), sources);
    if (request.getModel() != null && !request.getModel().equals(model)) {
      throw JobFailedException.rejected(
          "model is " + request.getModel() + "; this worker runs " + model);
    }
  }

  private static void checkMask(EditSettings options, SourcePolicy sources) {
    boolean bounded = options.getMask() != null || options.getRegion() != null;
    if (bounded && Boolean.FALSE.equals(options.getComposite())) {
      throw JobFailedException.rejected(
          "options.mask and options.region hold for composites; options.composite is false");
    }
    if (options.getMask() != null) {
      try {
        sources.check(options.getMask());
      } catch (IllegalArgumentException e) {
        throw JobFailedException.rejected("options.mask: " + e.getMessage());
      }
    }
  }

  /** The request's options as the editor takes them; what it leaves open is the model's. */
  static EditOptions options(EditRequested request, EditOptions defaults) {
    EditSettings settings = request.getOptions();
    Guidance usual = defaults.guidance();
    try {
      return new EditOptions(
          or(settings.getSteps(), defaults.steps()),
          new Guidance(
              or(settings.getGuidance(), usual.text()),
              or(settings.getImageGuidance(), usual.image()),
              usual.from(),
              usual.until()),
          settings.getSeed(),
          or(settings.getSize(), defaults.size()),
          settings.getFit() == Fit.ASPECT ? EditOptions.Fit.ASPECT : EditOptions.Fit.SQUARE,
          settings.getRestore(),
          settings.getComposite() == null || settings.getComposite(),
          settings.getSampler() == null ? defaults.sampler() : Sampler.named(settings.getSampler()),
          Adapters.of(settings.getAdapters()));
    } catch (BadRequestException | IllegalArgumentException e) {
      throw JobFailedException.rejected("options: " + e.getMessage());
    }
  }

  /** Refuses adapters that this worker's model does not have, by the names of those it has. */
  static void checkAdapters(Adapters wanted, Set<String> there, String model) {
    for (String name : wanted.scales().keySet()) {
      if (!there.contains(name)) {
        throw JobFailedException.rejected(
            "options.adapters: '%s' is not known; %s has %s"
                .formatted(
                    name,
                    model,
                    there.isEmpty() ? "none" : String.join(", ", new TreeSet<>(there))));
      }
    }
  }

  private static <T> T or(@Nullable T value, T otherwise) {
    return value == null ? otherwise : value;
  }
}
