package io.smartedit.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.RequestRules;
import io.smartedit.ingest.AlphaMask.Size;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the parameters of OpenAI's image edits stand for: an edit's request, of as many variants as
 * images are asked for.
 */
final class OpenAiRequest {

  private static final int MAX_IMAGES = 10;
  static final List<String> FORMATS = List.of("png", "jpeg", "webp");

  /** What clients of OpenAI say by habit, and what the worker's own model stands for. */
  private static final String THEIRS = "(?:gpt-image|dall-e|chatgpt-image).*";

  private final ImageApi images;
  private final String tenant;
  private final OpenAiForm form;

  OpenAiRequest(ImageApi images, String tenant, OpenAiForm form) {
    this.images = images;
    this.tenant = tenant;
    this.form = form;
  }

  /** As a request's JSON; images that come with it are uploaded. */
  ObjectNode toJson(String id) {
    refuseWhatWeDoNot();
    ObjectNode request = JsonNodeFactory.instance.objectNode().put("requestId", id);
    byte[] image = form.file("image");
    request.put("source", place("image", image, form.text("image")));
    String prompt = form.text("prompt");
    if (prompt == null) {
      throw OpenAiForm.refused("prompt", "is missing");
    }
    request.put("instruction", prompt);
    String model = form.text("model");
    if (model != null && !model.matches(THEIRS)) {
      request.put("model", model);
    }
    if (form.text("user") != null) {
      request.putObject("labels").put("user", form.text("user"));
    }
    addOptions(request.putObject("options"), image, id);
    return request;
  }

  private void refuseWhatWeDoNot() {
    form.oneOf("quality", "auto", List.of("auto", "low", "medium", "high", "standard", "hd"));
    form.oneOf("background", "auto", List.of("auto", "opaque"));
    form.oneOf("input_fidelity", "high", List.of("high", "low"));
    form.oneOf("moderation", "auto", List.of("auto", "low"));
    form.oneOf("stream", "false", List.of("false", "False"));
    form.number("partial_images", 0, 0, 0);
  }

  /** Of {@code n} images each has the seed that follows. */
  private void addOptions(ObjectNode options, byte @Nullable [] image, String id) {
    options.put("format", form.oneOf("output_format", "png", FORMATS));
    if (form.text("output_compression") != null) {
      options.put("quality", Math.max(1, form.number("output_compression", 100, 0, 100)));
    }
    if (form.text("steps") != null) {
      options.put("steps", form.number("steps", 1, 1, RequestRules.MAX_STEPS));
    }
    if (form.text("adapters") != null) {
      options.set("adapters", adapters(form.text("adapters")));
    }
    int chance = Math.floorMod(id.hashCode(), Integer.MAX_VALUE);
    options.put("seed", form.number("seed", chance, 0, Integer.MAX_VALUE));
    options.put("variants", form.number("n", 1, 1, MAX_IMAGES));
    size(image, options);
    byte[] mask = form.file("mask");
    if (mask != null || form.text("mask") != null) {
      byte[] white = mask == null ? null : AlphaMask.toStream(mask);
      options.put("mask", place("mask", white, form.text("mask")));
    }
  }

  /** A form has no maps: {@code NAME=SCALE,NAME=SCALE}, the scale 1 where it is not said. */
  private static ObjectNode adapters(String text) {
    ObjectNode adapters = JsonNodeFactory.instance.objectNode();
    for (String each : text.split(",", -1)) {
      String[] pair = each.strip().split("=", 2);
      try {
        double scale = pair.length < 2 ? 1 : new BigDecimal(pair[1].strip()).doubleValue();
        if (adapters.has(pair[0])) {
          throw OpenAiForm.refused("adapters", "names '" + pair[0] + "' twice");
        }
        adapters.put(pair[0], scale);
      } catch (NumberFormatException e) {
        throw OpenAiForm.refused(
            "adapters", "has '" + each.strip() + "', must be NAME=SCALE,NAME=SCALE");
      }
    }
    return adapters;
  }

  /** Where an image lies: uploaded, or where it is said to. */
  private String place(String name, byte @Nullable [] file, @Nullable String said) {
    if (file != null) {
      if (file.length == 0) {
        throw OpenAiForm.refused(name, "is empty");
      }
      return images.upload(tenant, file);
    }
    if (said == null) {
      throw OpenAiForm.refused(name, "is missing");
    }
    return said;
  }

  /**
   * By default, and where it is the source's own, the result has the source's size and its
   * untouched pixels; a square of another size is the model's own image.
   */
  private void size(byte @Nullable [] image, ObjectNode options) {
    String size = form.text("size");
    if (size == null || size.equals("auto")) {
      return;
    }
    Optional<Size> own = image == null ? Optional.empty() : AlphaMask.size(image);
    if (own.isPresent() && size.equals(own.get().width() + "x" + own.get().height())) {
      return;
    }
    String side = size.replaceFirst("^([1-9][0-9]{0,3})x\\1$", "$1");
    if (side.equals(size)
        || Integer.parseInt(side) > RequestRules.MAX_SIZE
        || Integer.parseInt(side) % RequestRules.SIZE_GRID != 0) {
      throw OpenAiForm.refused(
          "size",
          "is '%s', must be auto, the image's own, or a square of a multiple of %d up to %d"
              .formatted(size, RequestRules.SIZE_GRID, RequestRules.MAX_SIZE));
    }
    options.put("size", Integer.parseInt(side)).put("composite", false);
  }
}
