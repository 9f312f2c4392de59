package io.smartedit.benchmarks.edits;

import java.util.Locale;

/** What edits cost on a machine that is paid by the hour. */
final class Price {

  private static final String PER_HOUR = "PRICE_PER_HOUR";
  private static final int SECONDS_PER_HOUR = 3600;
  private static final int EDITS = 1000;

  private Price() {}

  /** A line, or nothing where the environment has no price. */
  static String ofThousand(String name, double editsPerSecond) {
    String price = System.getenv(PER_HOUR);
    if (price == null || price.isBlank()) {
      return "";
    }
    double perHour = Double.parseDouble(price.strip());
    return String.format(
        Locale.ROOT,
        "%s a thousand edits cost %.4f at %s an hour%n",
        name,
        perHour * EDITS / editsPerSecond / SECONDS_PER_HOUR,
        price.strip());
  }
}
