package io.smartedit.evaluation;

import io.smartedit.editor.image.Image;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An edit and what it is worth, by metric.
 *
 * <p>Outside the mask both images are black inside it: {@code psnr} in dB (at most 100), {@code
 * ssim}, {@code mse}, and {@code lpips} where its weights are given. Where the target is known:
 * {@code inside}, the mean difference to the target within the mask as a share of the source's, and
 * {@code right}, 1 where that is below a half and PSNR outside is 25 dB or better, else 0.
 *
 * <p>Without a mask, as MagicBrush counts: {@code l1}, the mean absolute difference to the target
 * in its size, of 1; and where their weights are given {@code clip_i} and {@code dino_i}, cosines
 * with the target, and {@code clip_t}, the cosine with its description.
 *
 * @param edited the model's own image
 * @param composite what of it is laid into the source, where that is judged too
 */
record Judged(Sample sample, Image edited, Optional<Image> composite, Map<String, Double> values) {

  private static final double KEPT_PSNR = 25;
  private static final double HALF = 0.5;
  private static final double BEST_PSNR = 100;

  /** Compares an edit with its source and its target. */
  static Judged of(Sample sample, Image edited) {
    Map<String, Double> values =
        sample
            .mask()
            .map(mask -> byMask(sample, mask, edited))
            .orElseGet(() -> asAWhole(sample, edited));
    return new Judged(sample, edited, Optional.empty(), values);
  }

  private static Map<String, Double> byMask(Sample sample, boolean[] mask, Image edited) {
    Image source = sample.source();
    Image kept = Metrics.without(edited, i -> mask[i]);
    Image wanted = Metrics.without(source, i -> mask[i]);
    double psnr = Math.min(BEST_PSNR, Metrics.psnr(kept, wanted));
    Map<String, Double> values = new LinkedHashMap<>();
    sample
        .target()
        .ifPresent(
            target -> {
              double inside = distance(edited, target, mask) / distance(source, target, mask);
              values.put("right", inside < HALF && psnr >= KEPT_PSNR ? 1.0 : 0.0);
              values.put("inside", inside);
            });
    values.put("psnr", psnr);
    values.put("ssim", Metrics.ssim(kept, wanted));
    values.put("mse", Metrics.mse(kept, wanted));
    return values;
  }

  private static Map<String, Double> asAWhole(Sample sample, Image edited) {
    Map<String, Double> values = new LinkedHashMap<>();
    sample.target().ifPresent(target -> values.put("l1", Metrics.l1(edited, target)));
    return values;
  }

  /**
   * With what was delivered: the source with the edit's change laid into it. Its values are named
   * like the model's own, behind {@code composite_}.
   */
  Judged withComposite(Image delivered) {
    Map<String, Double> more = new LinkedHashMap<>(values);
    of(sample, delivered).values.forEach((name, value) -> more.put("composite_" + name, value));
    return new Judged(sample, edited, Optional.of(delivered), more);
  }

  /** With LPIPS of what was not meant to change, where there is a mask. */
  Judged with(Lpips lpips) {
    return sample
        .mask()
        .map(
            mask -> {
              Image kept = Metrics.without(edited, i -> mask[i]);
              Image wanted = Metrics.without(sample.source(), i -> mask[i]);
              return with("lpips", lpips.distance(kept, wanted));
            })
        .orElse(this);
  }

  /** With CLIP's score of the mask's part, or its likeness to the target and its description. */
  Judged with(ClipScore clip) {
    if (sample.mask().isPresent()) {
      Image part = part(sample.mask().get());
      return sample.description().map(text -> with("clip", clip.of(part, text))).orElse(this);
    }
    Judged judged = this;
    if (sample.target().isPresent()) {
      judged = judged.with("clip_i", clip.similarity(edited, sample.target().get()));
    }
    if (sample.description().isPresent()) {
      judged = judged.with("clip_t", clip.similarity(edited, sample.description().get()));
    }
    return judged;
  }

  /** With DINO's likeness to the target, where the whole image is judged. */
  Judged with(Dino dino) {
    return sample.mask().isPresent() || sample.target().isEmpty()
        ? this
        : with("dino_i", dino.similarity(edited, sample.target().get()));
  }

  /** The edited image's part that was meant to change: the mask's bounding box. */
  private Image part(boolean[] mask) {
    int width = edited.width();
    int left = width;
    int top = edited.height();
    int right = 0;
    int bottom = 0;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i]) {
        left = Math.min(left, i % width);
        right = Math.max(right, i % width + 1);
        top = Math.min(top, i / width);
        bottom = Math.max(bottom, i / width + 1);
      }
    }
    return left >= right ? edited : Metrics.crop(edited, left, top, right - left, bottom - top);
  }

  private Judged with(String metric, double value) {
    Map<String, Double> more = new LinkedHashMap<>(values);
    more.put(metric, value);
    return new Judged(sample, edited, composite, more);
  }

  /** What it is ranked by: small is good. */
  double badness() {
    Double inside = values.get("inside");
    return inside == null ? values.getOrDefault("mse", values.getOrDefault("l1", 0.0)) : inside;
  }

  /** Mean absolute difference where the mask is. */
  private static double distance(Image a, Image b, boolean[] mask) {
    double sum = 0;
    for (int i = 0; i < mask.length; i++) {
      for (int c = 0; mask[i] && c < 3; c++) {
        sum += Math.abs((a.rgb()[3 * i + c] & 0xFF) - (b.rgb()[3 * i + c] & 0xFF));
      }
    }
    return sum;
  }

  @Override
  public String toString() {
    return sample + " " + values;
  }
}
