package io.smartedit.ingest;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.smartedit.events.EditRequested;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.service.Problem;
import io.smartedit.store.ObjectName;
import io.smartedit.store.SourcePolicy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, and what they may. Thread-safe.
 *
 * @param tenant the only one they speak for; null for any
 * @param limit edits a minute; 0 for any number
 * @param edits that they may request now; null for any number
 */
record Caller(@Nullable String tenant, int limit, @Nullable Bucket edits) {

  /** Whoever knocks where keys are not asked for. */
  static final Caller ANYBODY = new Caller(null, 0, null);

  static Caller of(String tenant, int limit) {
    Bucket edits =
        limit == 0
            ? null
            : Bucket.builder()
                .addLimit(all -> all.capacity(limit).refillGreedy(limit, Duration.ofMinutes(1)))
                .build();
    return new Caller(tenant, limit, edits);
  }

  /** Whose request it is where the request does not say. */
  String usualTenant() {
    return tenant == null ? Topics.DEFAULT_TENANT : tenant;
  }

  boolean isFor(String named) {
    return tenant == null || tenant.equals(named);
  }

  /**
   * Lets a request pass and counts it.
   *
   * @throws Problem 403 where it is in another's name or of another's image; 429 where it is one
   *     too many
   */
  EditRequested admit(EditRequested request) {
    requireTenant(request.getTenant());
    String source = request.getSource();
    if (tenant != null
        && !source.startsWith(RequestRules.REQUEST_SOURCE)
        && !source.startsWith(SourcePolicy.WEB)
        && !ObjectName.parse(source).key().startsWith(tenant + "/")) {
      throw new Problem(
          403, "forbidden", "source: this key's images lie below " + tenant + "/", "source");
    }
    if (edits != null) {
      ConsumptionProbe probe = edits.tryConsumeAndReturnRemaining(1);
      if (!probe.isConsumed()) {
        long wait = 1 + TimeUnit.NANOSECONDS.toSeconds(probe.getNanosToWaitForRefill());
        throw Problem.later(
            wait, "More than " + limit + " edits in a minute; the next in " + wait + " s.");
      }
    }
    return request;
  }

  /**
   * Refuses another tenant's name.
   *
   * @throws Problem 403
   */
  void requireTenant(String named) {
    if (!isFor(named)) {
      throw new Problem(
          403, "forbidden", "tenant is " + named + "; this key is for " + tenant, "tenant");
    }
  }
}
