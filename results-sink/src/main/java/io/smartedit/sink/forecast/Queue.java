package io.smartedit.sink.forecast;

import io.smartedit.events.Priority;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * What waits for the same workers, and how they choose: device time is shared between priorities,
 * within one between tenants, and what one leaves is the others'.
 *
 * @param waiting requests by priority and tenant
 * @param weights of priorities ({@code HIGH}) and tenants ({@code tenant.NAME}); 1 where not named
 */
record Queue(Map<Priority, Map<String, Double>> waiting, Map<String, Double> weights) {

  /** As workers share where nobody says otherwise. */
  static final Map<String, Double> USUAL = Map.of("HIGH", 60.0, "NORMAL", 30.0, "BULK", 10.0);

  /**
   * Requests that are begun, anybody's, before a tenant's next one is: when {@code ahead} of its
   * own have been. Taken as a fluid, which differs from the workers' turns by less than one request
   * of each tenant.
   */
  double before(Priority priority, String tenant, double ahead) {
    if (ahead <= 0) {
      return 0;
    }
    Map<String, Double> tenants = waiting.getOrDefault(priority, Map.of());
    double ofClass = served(tenants, tenantWeights(tenants, tenant), tenant, ahead);
    Map<String, Double> classes = new HashMap<>();
    Map<String, Double> shares = new HashMap<>(Map.of(priority.name(), weight(priority.name())));
    for (Map.Entry<Priority, Map<String, Double>> each : waiting.entrySet()) {
      String name = each.getKey().name();
      classes.put(name, each.getValue().values().stream().mapToDouble(count -> count).sum());
      shares.put(name, weight(name));
    }
    return served(classes, shares, priority.name(), ofClass);
  }

  private double weight(String priority) {
    return weights.getOrDefault(priority, USUAL.getOrDefault(priority, 1.0));
  }

  private Map<String, Double> tenantWeights(Map<String, Double> tenants, String one) {
    Map<String, Double> all = new HashMap<>();
    tenants.keySet().forEach(name -> all.put(name, weights.getOrDefault("tenant." + name, 1.0)));
    all.put(one, weights.getOrDefault("tenant." + one, 1.0));
    return all;
  }

  /** What all are served until one has been served so much: until then each has its weight's. */
  private static double served(
      Map<String, Double> queued, Map<String, Double> weights, String one, double much) {
    double each = much / weights.getOrDefault(one, 1.0);
    double all = much;
    for (Map.Entry<String, Double> other : queued.entrySet()) {
      if (!other.getKey().equals(one)) {
        all += Math.min(other.getValue(), each * weights.getOrDefault(other.getKey(), 1.0));
      }
    }
    return all;
  }

  /** All that waits. */
  double size() {
    return waiting.values().stream()
        .flatMap(tenants -> tenants.values().stream())
        .mapToDouble(count -> count)
        .sum();
  }

  /** The same without the shares of tenants, as workers of a share group take what comes. */
  Queue inOrder() {
    Map<Priority, Map<String, Double>> merged = new EnumMap<>(Priority.class);
    waiting.forEach(
        (priority, tenants) ->
            merged.put(priority, Map.of("", tenants.values().stream().mapToDouble(n -> n).sum())));
    return new Queue(merged, weights);
  }
}
