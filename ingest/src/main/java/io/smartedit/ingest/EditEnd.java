package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * How an edit ended.
 *
 * @param outputs s3://bucket/key of each image, in the order of their seeds; none where it failed
 * @param kind and what follows: of a failure; empty where it did not fail
 */
record EditEnd(String requestId, List<String> outputs, String status, String kind, String message) {

  boolean isEdited() {
    return !outputs.isEmpty();
  }

  /** Out of an event's data, or the status of an edit that has ended. */
  static EditEnd of(JsonNode told) {
    List<String> outputs = new ArrayList<>();
    if (told.has("output")) {
      outputs.add(told.path("output").asText());
      told.path("variants").forEach(variant -> outputs.add(variant.path("output").asText()));
    }
    JsonNode failure = told.has("failure") ? told.path("failure") : told;
    return new EditEnd(
        told.path("requestId").asText(),
        List.copyOf(outputs),
        failure.path("status").asText(),
        failure.path("kind").asText(),
        failure.path("message").asText());
  }
}
