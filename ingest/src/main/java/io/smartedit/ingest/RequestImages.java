package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.smartedit.store.ObjectName;
import io.smartedit.store.SourcePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The images of a request that lie in the store and that a caller may see, as its status tells
 * them.
 *
 * @param results the first, and the variants behind it
 * @param given the source, then the mask that the request names, as far as they are there
 * @param changed white where the first result differs from its source
 */
record RequestImages(List<ObjectName> results, List<Given> given, Optional<ObjectName> changed) {

  /** An image that the request names, and in which field. */
  record Given(String field, ObjectName name) {}

  static RequestImages of(JsonNode status, Caller caller, SourcePolicy sources) {
    List<ObjectName> results = new ArrayList<>();
    own(status.path("output"), caller).ifPresent(results::add);
    status
        .path("variants")
        .forEach(variant -> own(variant.path("output"), caller).ifPresent(results::add));
    List<Given> given = new ArrayList<>();
    for (String field : List.of("source", "mask")) {
      own(status.path(field), caller)
          .filter(name -> mayLieThere(name, sources))
          .ifPresent(name -> given.add(new Given(field, name)));
    }
    return new RequestImages(results, given, own(status.at("/changed/mask"), caller));
  }

  /** Where an image lies, if in the store. */
  private static Optional<ObjectName> own(JsonNode place, Caller caller) {
    String text = place.asText();
    if (!text.startsWith("s3://")) {
      return Optional.empty();
    }
    try {
      caller.requireOwn("image", text);
      return Optional.of(ObjectName.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean mayLieThere(ObjectName name, SourcePolicy sources) {
    try {
      sources.check(name.toString());
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  boolean isEmpty() {
    return results.isEmpty() && given.isEmpty() && changed.isEmpty();
  }
}
