package io.smartedit.evaluation;

import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.scheduler.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What makes edits faster and may make them worse, at one setting.
 *
 * @param precision of all nets
 * @param from share of the steps after which guidance begins
 * @param until share of the steps after which it ends
 */
public record Lever(Precision precision, Sampler sampler, int steps, double from, double until) {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "precision", "fp32,bf16",
          "sampler", "euler_ancestral,euler,ddim,dpmpp_2m,dpmpp_2m_karras,unipc",
          "steps", "4,8,12,20",
          "guidance", "0-1");

  public Lever {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + ", must be at least 1");
    }
    new Guidance(1, 1, from, until);
  }

  /** What the options say, in this precision. */
  public static Lever of(EditOptions options, Precision precision) {
    Guidance guidance = options.guidance();
    return new Lever(
        precision, options.sampler(), options.steps(), guidance.from(), guidance.until());
  }

  /**
   * Every combination of the values.
   *
   * @param values separated by commas, of {@code precision}, {@code sampler}, {@code steps} and
   *     {@code guidance}, whose values are like {@code 0.2-0.8}; what is left out is fp32 and bf16,
   *     every sampler, 4, 8, 12 and 20 steps, guidance in all of them
   * @throws IllegalArgumentException naming a lever or a value that is none
   */
  public static List<Lever> combinations(Map<String, String> values) {
    for (String name : values.keySet()) {
      if (!DEFAULTS.containsKey(name)) {
        throw new IllegalArgumentException(
            "lever " + name + " is none of " + String.join(", ", new TreeSet<>(DEFAULTS.keySet())));
      }
    }
    List<Lever> levers = new ArrayList<>();
    for (Precision precision : each(values, "precision", Lever::precision)) {
      for (Sampler sampler : each(values, "sampler", Sampler::named)) {
        for (int steps : each(values, "steps", Integer::valueOf)) {
          for (double[] guided : each(values, "guidance", Lever::interval)) {
            levers.add(new Lever(precision, sampler, steps, guided[0], guided[1]));
          }
        }
      }
    }
    return levers;
  }

  private static <T> List<T> each(
      Map<String, String> values, String name, Function<String, T> reading) {
    List<T> read = new ArrayList<>();
    for (String value : values.getOrDefault(name, DEFAULTS.getOrDefault(name, "")).split(",", -1)) {
      try {
        read.add(reading.apply(value.strip()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("lever " + name + " has no value " + value, e);
      }
    }
    return read;
  }

  private static Precision precision(String name) {
    return Precision.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static double[] interval(String text) {
    String[] ends = text.split("-", 2);
    if (ends.length != 2) {
      throw new IllegalArgumentException(text + " is not like 0.2-0.8");
    }
    return new double[] {Double.parseDouble(ends[0]), Double.parseDouble(ends[1])};
  }

  /** Everything else as the options say. */
  EditOptions in(EditOptions options) {
    Guidance guidance = options.guidance();
    return new EditOptions(
        steps,
        new Guidance(guidance.text(), guidance.image(), from, until),
        options.seed(),
        options.size(),
        options.fit(),
        options.restore(),
        options.composite(),
        sampler);
  }

  /** What a curve over steps has in common. */
  String curve() {
    String guided = from == 0 && until == 1 ? "" : " guided " + from + "-" + until;
    return sampler + " " + precision + guided;
  }
}
