package io.smartedit.worker.fair;

import io.smartedit.events.Priority;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The shares of device time.
 *
 * @param priorities weight of each class while it has work; what one leaves is the others'
 * @param tenants weight of tenants within a class; 1 for whoever is not named
 */
public record Shares(Map<Priority, Double> priorities, Map<String, Double> tenants) {

  /** Ten to one between the first class and the last. */
  public static final Shares DEFAULT = read("high=60, normal=30, bulk=10");

  private static final String FORM =
      "must be NAME=WEIGHT with commas between, as high=60,normal=30,bulk=10,tenant.acme=4";

  private static final String TENANT = "tenant.";
  private static final double MOST = 1e6;

  public Shares {
    priorities = Map.copyOf(priorities);
    tenants = Map.copyOf(tenants);
  }

  /**
   * Reads {@code high=60,normal=30,bulk=10,tenant.acme=4}; a class that is not named keeps its
   * usual weight.
   *
   * @throws IllegalArgumentException saying what is wanted
   */
  public static Shares read(String text) {
    Map<Priority, Double> priorities = new EnumMap<>(Priority.class);
    priorities.putAll(Map.of(Priority.HIGH, 60.0, Priority.NORMAL, 30.0, Priority.BULK, 10.0));
    Map<String, Double> tenants = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      String[] pair = part.strip().split("=", -1);
      if (pair.length != 2) {
        throw new IllegalArgumentException(FORM);
      }
      double weight = weight(pair[1]);
      if (pair[0].startsWith(TENANT)) {
        tenants.put(pair[0].substring(TENANT.length()), weight);
      } else {
        priorities.put(priority(pair[0]), weight);
      }
    }
    return new Shares(priorities, tenants);
  }

  private static double weight(String text) {
    try {
      double weight = Double.parseDouble(text);
      if (weight > 0 && weight <= MOST) {
        return weight;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(FORM, e);
    }
    throw new IllegalArgumentException("has weight " + text + ", must be above 0 and at most 1e6");
  }

  private static Priority priority(String name) {
    try {
      return Priority.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "has " + name + ", must be high, normal, bulk or tenant.NAME", e);
    }
  }

  /** All weights by name: {@code HIGH}, and tenants as {@code tenant.NAME}. */
  public Map<String, Double> named() {
    Map<String, Double> named = new LinkedHashMap<>();
    priorities.forEach((priority, weight) -> named.put(priority.name(), weight));
    tenants.forEach((tenant, weight) -> named.put(TENANT + tenant, weight));
    return named;
  }

  public double of(Priority priority) {
    return priorities.getOrDefault(priority, 1.0);
  }

  double of(String tenant) {
    return tenants.getOrDefault(tenant, 1.0);
  }
}
