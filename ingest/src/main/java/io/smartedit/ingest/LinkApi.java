package io.smartedit.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.ImageDeleted;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.ingest.RequestImages.Given;
import io.smartedit.service.Problem;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.SourcePolicy;
import io.smartedit.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The API's links, under which images go to and from the store without passing the front door, and
 * the erasure of a request's images.
 */
final class LinkApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BODY = 4096;
  private static final Duration LONGEST = Duration.ofDays(7); // what S3 allows
  private static final Map<String, String> TYPES =
      Map.of(
          "image/png", "png",
          "image/jpeg", "jpg",
          "image/webp", "webp",
          "image/gif", "gif",
          "image/bmp", "bmp",
          "image/tiff", "tif");

  private final ApiKeys keys;
  private final SourcePolicy sources;
  private final StatusClient statuses;
  private final RequestPublisher publisher;
  private final ObjectStore store;
  private final String bucket;
  private final long maxUpload;
  private final Duration valid;
  private final Clock clock;

  /** Store and publisher stay the caller's. */
  LinkApi(
      IngestSettings settings,
      StatusClient statuses,
      RequestPublisher publisher,
      ObjectStore store,
      Clock clock) {
    this.keys = settings.keys();
    this.sources = settings.sources();
    this.statuses = statuses;
    this.publisher = publisher;
    this.store = store;
    this.bucket = settings.uploadBucket();
    this.maxUpload = settings.maxUpload();
    this.valid = settings.linkValid().compareTo(LONGEST) > 0 ? LONGEST : settings.linkValid();
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/uploads", this::upload);
    routes.get("/v1/edits/{id}/links", this::links);
    routes.delete("/v1/edits/{id}/images", this::erase);
  }

  private void upload(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    ObjectNode body = JsonBody.object(request.body(Body.JSON, MAX_BODY));
    for (Map.Entry<String, JsonNode> entry : body.properties()) {
      if (!entry.getKey().equals("type") && !entry.getKey().equals("bytes")) {
        throw JsonField.unknown(entry.getKey(), Set.of("type", "bytes"));
      }
    }
    String type = new JsonField("type", body.path("type")).text();
    String extension = TYPES.get(type);
    if (extension == null) {
      throw Problem.of("type", "type is no image that is read: image/png, image/jpeg and so on");
    }
    long bytes = new JsonField("bytes", body.path("bytes")).wholeLong();
    if (bytes < 1 || bytes > maxUpload) {
      throw Problem.of("bytes", "bytes is " + bytes + ", must be from 1 to " + maxUpload);
    }
    ObjectName name =
        new ObjectName(bucket, tenant + "/uploads/" + UUID.randomUUID() + "." + extension);
    URI link = made(() -> store.writeLink(name, type, bytes, valid));
    ObjectNode answer = JSON.createObjectNode().put("source", name.toString()).put("method", "PUT");
    answer.put("url", link.toString()).putObject("headers").put("Content-Type", type);
    request.answer(201, answer.put("expiresAt", end().toString()));
  }

  private void links(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    RequestImages images = images(request, status(request));
    ObjectNode answer = JSON.createObjectNode();
    for (int i = 0; i < images.results().size(); i++) {
      String link = readLink(images.results().get(i));
      if (i == 0) {
        answer.put("result", link);
      } else {
        answer.withArray("variants").add(link);
      }
    }
    images.given().forEach(each -> answer.put(each.field(), readLink(each.name())));
    images.changed().ifPresent(name -> answer.put("changed", readLink(name)));
    if (answer.isEmpty()) {
      throw new Problem(404, "not found", "The request has no images in the store yet.", null);
    }
    context.header("Cache-Control", "no-store");
    request.answer(200, answer.put("expiresAt", end().toString()));
  }

  private String readLink(ObjectName name) {
    return made(() -> store.readLink(name, valid)).toString();
  }

  private RequestImages images(ApiRequest request, JsonNode status) {
    return RequestImages.of(status, request.caller(), sources);
  }

  /** Deletes a request's results, and its source and mask where those were uploaded here. */
  private void erase(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    JsonNode status = status(request);
    String state = status.path("state").asText();
    if (!state.equals("COMPLETED") && !state.equals("FAILED")) {
      throw new Problem(
          409, "conflict", "The request is " + state + "; cancel it or wait for its end.", null);
    }
    ObjectNode answer = JSON.createObjectNode();
    var deleted = answer.putArray("deleted");
    RequestImages images = images(request, status);
    List<ObjectName> own = new ArrayList<>(images.results());
    images.changed().ifPresent(own::add);
    images.given().stream().map(Given::name).filter(this::isUpload).forEach(own::add);
    for (ObjectName name : own) {
      if (name.key().startsWith(tenant + "/")) {
        delete(name, tenant, request.id());
        deleted.add(name.toString());
      }
    }
    request.answer(200, answer);
  }

  private boolean isUpload(ObjectName name) {
    return name.bucket().equals(bucket);
  }

  private void delete(ObjectName name, String tenant, String requestId) {
    try {
      store.delete(name);
    } catch (StoreException e) {
      throw Problem.unavailable(5, "The store did not delete it; ask again.", e);
    }
    publisher.deleted(
        ImageDeleted.newBuilder()
            .setObject(name.toString())
            .setTenant(tenant)
            .setRequestId(requestId)
            .setReason("erasure")
            .setAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
            .build());
  }

  private JsonNode status(ApiRequest request) {
    try {
      return JSON.readTree(statuses.status(request.tenant(), request.id()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the sink's answer is not JSON", e);
    } catch (IOException e) {
      throw new IllegalStateException("the sink's answer cannot be read", e);
    }
  }

  private static URI made(Supplier<Optional<URI>> link) {
    try {
      return link.get()
          .orElseThrow(() -> new Problem(501, "not implemented", "The store has no links.", null));
    } catch (StoreException e) {
      throw Problem.unavailable(5, "The store's keys are not there; ask again.", e);
    }
  }

  private Instant end() {
    return clock.instant().plus(valid).truncatedTo(ChronoUnit.SECONDS);
  }
}
