package io.smartedit.standalone;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.editor.options.BadRequestException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A request's own options, as the front door takes them; it checks them and knows the defaults. */
final class RequestOptions {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> BOX = List.of("x", "y", "width", "height");

  @Option(names = "--steps", description = "Denoising steps.")
  private @Nullable Integer steps;

  @Option(names = "--guidance", description = "Weight of the instruction.")
  private @Nullable Double guidance;

  @Option(names = "--image-guidance", description = "Weight of the source image.")
  private @Nullable Double imageGuidance;

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      description = "euler_ancestral, euler, ddim, dpmpp_2m, dpmpp_2m_karras or unipc.")
  private @Nullable String sampler;

  @Option(names = "--size", description = "Side of the working image, a multiple of 8.")
  private @Nullable Integer size;

  @Option(names = "--fit", description = "square or aspect, which keeps proportions.")
  private @Nullable String fit;

  @Option(names = "--seed", description = "Same seed, same image.")
  private @Nullable Long seed;

  @Option(
      names = "--variants",
      description = "Images that are wanted, with the seeds that follow: 1 to 16.")
  private @Nullable Integer variants;

  @Option(
      names = "--composite",
      negatable = true,
      description = "What changed laid into the source, or not: the model's own image.")
  private @Nullable Boolean composite;

  @Option(
      names = "--restore",
      description = "With --no-composite: bring the result to the source's size.")
  private @Nullable Boolean restore;

  @Option(
      names = "--mask",
      paramLabel = "SOURCE",
      description = "An image of the source's size: where it is black nothing changes.")
  private @Nullable String mask;

  @Option(
      names = "--region",
      paramLabel = "X,Y,WIDTH,HEIGHT",
      split = ",",
      hideParamSyntax = true,
      description = "Pixels of the source outside of which nothing changes.")
  private @Nullable List<Integer> region;

  @Option(names = "--format", description = "Of the result: png, jpeg or webp.")
  private @Nullable String format;

  @Option(names = "--quality", paramLabel = "1..100", description = "Of JPEG and WebP.")
  private @Nullable Integer quality;

  @Option(
      names = "--metadata",
      description = "What becomes of the source's: keep, strip_location or strip_all.")
  private @Nullable String metadata;

  @Option(
      names = "--prefix",
      paramLabel = "FOLDERS",
      description = "Where the result lies within the tenant's, as 2026/autumn.")
  private @Nullable String prefix;

  @Option(
      names = "--adapter",
      paramLabel = "NAME[=SCALE]",
      mapFallbackValue = "1",
      description = "A LoRA adapter that the model's workers have; may be given up to 4 times.")
  private @Nullable Map<String, Double> adapters;

  /** Those that were named; a mask on this machine is uploaded. */
  ObjectNode json(IngestClient ingest) throws IOException {
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    named.put("steps", steps);
    named.put("guidance", guidance);
    named.put("imageGuidance", imageGuidance);
    named.put("sampler", sampler);
    named.put("size", size);
    named.put("fit", fit);
    named.put("seed", seed);
    named.put("variants", variants);
    named.put("composite", composite);
    named.put("restore", restore);
    named.put("mask", mask == null ? null : ingest.source(mask));
    named.put("region", box());
    named.put("format", format);
    named.put("quality", quality);
    named.put("metadata", metadata);
    named.put("prefix", prefix);
    named.put("adapters", adapters);
    named.values().removeIf(Objects::isNull);
    return JSON.valueToTree(named);
  }

  private @Nullable Map<String, Integer> box() {
    if (region == null) {
      return null;
    }
    if (region.size() != BOX.size()) {
      throw new BadRequestException(
          "--region has " + region.size() + " numbers, must have 4: X,Y,WIDTH,HEIGHT");
    }
    Map<String, Integer> box = new LinkedHashMap<>();
    for (int i = 0; i < BOX.size(); i++) {
      box.put(BOX.get(i), region.get(i));
    }
    return box;
  }
}
