package io.smartedit.sink.retention;

import io.smartedit.events.RequestRules;
import io.smartedit.store.ObjectName;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image that the stream itself has put into the store, as its name tells: a request's result, or
 * an upload. Nothing else is ever looked at: a bucket may hold images that are not ours.
 *
 * @param requestId whose result it is; empty for an upload
 */
record StoredImage(ObjectName name, String tenant, String requestId) {

  private static final String TENANT = "(?<tenant>[^/]+)/";
  private static final Pattern UPLOAD =
      Pattern.compile(TENANT + "(?:[0-9a-f]{40}|uploads/[0-9a-f-]{36})\\.[a-z]{3,4}");
  private static final Pattern RESULT =
      Pattern.compile(TENANT + "(?:.*/)?(?<id>[^/~]+)(?:~[0-9]{1,2})?\\.(?:png|jpg|jpeg|webp)");

  /** What an object is by its name; empty where it is none of ours. */
  static Optional<StoredImage> of(ObjectName name, RetentionSettings settings) {
    if (name.bucket().equals(settings.uploads())) {
      Matcher upload = UPLOAD.matcher(name.key());
      if (upload.matches() && RequestRules.isName(upload.group("tenant"))) {
        return Optional.of(new StoredImage(name, upload.group("tenant"), ""));
      }
    }
    if (name.bucket().equals(settings.results())) {
      Matcher result = RESULT.matcher(name.key());
      if (result.matches()
          && RequestRules.isName(result.group("tenant"))
          && RequestRules.isName(result.group("id"))) {
        return Optional.of(new StoredImage(name, result.group("tenant"), result.group("id")));
      }
    }
    return Optional.empty();
  }

  boolean isResult() {
    return !requestId.isEmpty();
  }

  /** The key of its events. */
  String eventKey() {
    String key = name.key();
    return isResult() ? requestId : key.substring(key.lastIndexOf('/') + 1);
  }
}
