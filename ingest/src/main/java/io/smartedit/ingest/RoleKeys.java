package io.smartedit.ingest;

import io.smartedit.service.Problem;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * The API keys of those who may do what a tenant's own key is not enough for. Where nobody's keys
 * are asked for, anybody may.
 *
 * @param holder who has such a key, as {@code reviewer}
 * @param setting that names the keys
 * @param hashes SHA-256 of each
 */
record RoleKeys(String holder, String setting, Set<String> hashes) {

  private static final String BEARER = "Bearer ";

  /**
   * Lets nobody else pass.
   *
   * @param authorization the header of this name
   * @param areAsked whether tenants need keys here
   * @throws Problem 401 where there is none, 403 for another key
   */
  void require(@Nullable String authorization, boolean areAsked) {
    if (!areAsked && hashes.isEmpty()) {
      return; // the door is open
    }
    String key =
        authorization == null || !authorization.startsWith(BEARER)
            ? ""
            : authorization.substring(BEARER.length()).strip();
    if (key.isEmpty()) {
      throw new Problem(
          401,
          "unauthorized",
          "A " + holder + "'s key is needed: Authorization: Bearer KEY.",
          null);
    }
    if (!hashes.contains(DigestUtils.sha256Hex(key))) {
      throw new Problem(
          403, "forbidden", "This key is no " + holder + "'s (setting " + setting + ").", null);
    }
  }
}
