package io.smartedit.editor.image;

import java.io.ByteArrayOutputStream;
import java.util.Set;

/** IPTC's datasets (IIM 4.2). */
final class Iptc {

  private static final int MARK = 0x1C;
  private static final int APPLICATION = 2;

  /** Content location, city, sublocation, state, country and its code. */
  private static final Set<Integer> LOCATION = Set.of(26, 27, 90, 92, 95, 100, 101);

  private Iptc() {}

  /** All but those that say where; up to what is damaged, or longer than 32,767 bytes. */
  static byte[] withoutLocation(byte[] datasets) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    int at = 0;
    while (at + 5 <= datasets.length && datasets[at] == MARK) {
      int length = (datasets[at + 3] & 0xFF) << 8 | (datasets[at + 4] & 0xFF);
      if (length > Short.MAX_VALUE || at + 5 + length > datasets.length) {
        break;
      }
      if (datasets[at + 1] != APPLICATION || !LOCATION.contains(datasets[at + 2] & 0xFF)) {
        kept.write(datasets, at, 5 + length);
      }
      at += 5 + length;
    }
    return kept.toByteArray();
  }
}
