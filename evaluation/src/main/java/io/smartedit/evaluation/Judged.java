package io.smartedit.evaluation;

import io.smartedit.image.Picture;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An edit and what it is worth, by metric.
 *
 * <p>Outside the mask both pictures are black inside it: {@code psnr} in dB (at most 100), {@code
 * ssim}, {@code mse}, and {@code lpips} where its weights are given. Where the target is known:
 * {@code inside}, the mean difference to the target within the mask as a share of the source's, and
 * {@code right}, 1 where that is below a half and PSNR outside is 25 dB or better, else 0.
 */
record Judged(Sample sample, Picture edited, Map<String, Double> values) {

  private static final double KEPT_PSNR = 25;
  private static final double HALF = 0.5;
  private static final double BEST_PSNR = 100;

  /** Compares an edit with its source and its target. */
  static Judged of(Sample sample, Picture edited) {
    Picture source = sample.source();
    boolean[] mask = sample.mask();
    Picture kept = kept(sample, edited);
    Picture wanted = kept(sample, source);
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
    return new Judged(sample, edited, values);
  }

  private static Picture kept(Sample sample, Picture picture) {
    return Metrics.without(picture, i -> sample.mask()[i]);
  }

  /** A picture without what was meant to change. */
  Picture kept(Picture picture) {
    return kept(sample, picture);
  }

  /** The edited picture's part that was meant to change: the mask's bounding box. */
  Picture part() {
    int width = edited.width();
    int left = width;
    int top = edited.height();
    int right = 0;
    int bottom = 0;
    for (int i = 0; i < sample.mask().length; i++) {
      if (sample.mask()[i]) {
        left = Math.min(left, i % width);
        right = Math.max(right, i % width + 1);
        top = Math.min(top, i / width);
        bottom = Math.max(bottom, i / width + 1);
      }
    }
    return left >= right ? edited : Metrics.crop(edited, left, top, right - left, bottom - top);
  }

  /** With one more metric. */
  Judged with(String metric, double value) {
    Map<String, Double> more = new LinkedHashMap<>(values);
    more.put(metric, value);
    return new Judged(sample, edited, more);
  }

  /** What it is ranked by: small is good. */
  double badness() {
    Double inside = values.get("inside");
    return inside == null ? values.getOrDefault("mse", 0.0) : inside;
  }

  /** Mean absolute difference where the mask is. */
  private static double distance(Picture a, Picture b, boolean[] mask) {
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
