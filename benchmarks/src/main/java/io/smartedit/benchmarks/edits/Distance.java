package io.smartedit.benchmarks.edits;

import io.smartedit.editor.image.Image;

/** How far results lie from those of their solo runs. */
final class Distance {

  private int images;
  private int equal;
  private int furthest;

  void add(Image solo, Image other) {
    byte[] one = solo.rgb();
    byte[] two = other.rgb();
    int distance = one.length == two.length ? 0 : 255;
    for (int i = 0; i < Math.min(one.length, two.length); i++) {
      distance = Math.max(distance, Math.abs((one[i] & 0xFF) - (two[i] & 0xFF)));
    }
    images++;
    equal += distance == 0 ? 1 : 0;
    furthest = Math.max(furthest, distance);
  }

  @Override
  public String toString() {
    return "%d of %d images equal their solo runs, the furthest is %d of 255 levels off"
        .formatted(equal, images, furthest);
  }
}
