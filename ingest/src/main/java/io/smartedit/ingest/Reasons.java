package io.smartedit.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.service.Problem;
import java.util.Set;

/** Bodies that say why something is decided, or are empty. */
final class Reasons {

  /** Bytes of such a body, at most. */
  static final int MAX_BODY = 4096;

  private static final int MAX_REASON = 1000;

  private Reasons() {}

  /**
   * The reason; empty where none is said.
   *
   * @throws Problem 400 where it is no such body
   */
  static String read(byte[] body) {
    if (body.length == 0) {
      return "";
    }
    ObjectNode node = JsonBody.object(body);
    for (String name : (Iterable<String>) node::fieldNames) {
      if (!name.equals("reason")) {
        throw JsonField.unknown(name, Set.of("reason"));
      }
    }
    String reason = node.has("reason") ? new JsonField("reason", node.path("reason")).text() : "";
    if (reason.length() > MAX_REASON) {
      throw Problem.of(
          "reason", "reason has " + reason.length() + " characters, more than " + MAX_REASON);
    }
    return reason;
  }
}
