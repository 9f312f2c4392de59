package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How an edit ended.
 *
 * @param output s3://bucket/key of the image; empty where there is none
 * @param kind and what follows: of a failure; empty where it did not fail
 */
record EditEnd(String requestId, String output, String status, String kind, String message) {

  boolean isEdited() {
    return !output.isEmpty();
  }

  /** Out of an event's data, or the status of an edit that has ended. */
  static EditEnd of(JsonNode told) {
    JsonNode failure = told.has("failure") ? told.path("failure") : told;
    return new EditEnd(
        told.path("requestId").asText(),
        told.path("output").asText(),
        failure.path("status").asText(),
        failure.path("kind").asText(),
        failure.path("message").asText());
  }
}
