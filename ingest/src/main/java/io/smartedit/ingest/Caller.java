package io.smartedit.ingest;

import io.smartedit.events.EditRequested;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.service.Problem;
import io.smartedit.store.ObjectName;
import io.smartedit.store.SourcePolicy;
import org.jspecify.annotations.Nullable;

/**
 * A client of the front door as its API key identifies it.
 *
 * @param tenant the only one they speak for; null for any
 * @param limit edits that the tenant may request in a minute; 0 for any number
 */
record Caller(@Nullable String tenant, int limit) {

  /** Whoever knocks where keys are not asked for. */
  static final Caller ANYBODY = new Caller(null, 0);

  /** Whose request it is where the request does not say. */
  String usualTenant() {
    return tenant == null ? Topics.DEFAULT_TENANT : tenant;
  }

  boolean isFor(String named) {
    return tenant == null || tenant.equals(named);
  }

  /**
   * Lets a request pass.
   *
   * @throws Problem 403 where it is in another's name or of another's image
   */
  EditRequested admit(EditRequested request) {
    requireTenant(request.getTenant());
    requireOwn("source", request.getSource());
    String mask = request.getOptions().getMask();
    if (mask != null) {
      requireOwn("options.mask", mask);
    }
    return request;
  }

  /**
   * Refuses an image of the store that is another tenant's.
   *
   * @throws Problem 403
   */
  void requireOwn(String field, String image) {
    if (tenant != null
        && !image.startsWith(RequestRules.REQUEST_SOURCE)
        && !image.startsWith(SourcePolicy.WEB)
        && !ObjectName.parse(image).key().startsWith(tenant + "/")) {
      throw new Problem(
          403, "forbidden", field + ": this key's images lie below " + tenant + "/", field);
    }
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
