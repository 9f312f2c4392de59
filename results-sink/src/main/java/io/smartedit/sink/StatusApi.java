package io.smartedit.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.events.Cost;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditStatus;
import io.smartedit.events.RequestRules;
import io.smartedit.events.State;
import io.smartedit.events.Topics;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP interface that says what became of a tenant's request, from this instance's store or
 * from the instance that has it. While neither can be asked it answers 503 with {@code
 * Retry-After}.
 */
final class StatusApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FORWARDED = "SmartEdit-Forwarded";
  private static final String RETRY_AFTER = "Retry-After";
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final long AGAIN_SECONDS = 2;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private volatile @Nullable Served served;

  private record Served(KafkaStreams streams, HostInfo self) {}

  void addTo(HttpEndpoint endpoint) {
    endpoint
        .routes()
        .addHttpHandler(HandlerType.GET, "/v1/edits/{id}", this::status)
        .addHttpHandler(HandlerType.GET, "/v1/edits/{id}/failed.avro", this::failed);
  }

  /** Answers from a stream, from now on. */
  void serve(KafkaStreams streams, HostInfo self) {
    served = new Served(streams, self);
  }

  private void status(Context context) {
    EditStatus status = find(context, "");
    if (status != null) {
      HttpEndpoint.json(context, json(status));
    }
  }

  private void failed(Context context) {
    EditStatus status = find(context, "/failed.avro");
    if (status == null) {
      return;
    }
    EditFailed failed = status.getFailed();
    if (failed == null) {
      throw new Problem(404, "not found", "The request has not failed.", null);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      new SpecificDatumWriter<EditFailed>(EditFailed.getClassSchema()).write(failed, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException("bytes can always be written", e);
    }
    context.contentType("application/avro").result(bytes.toByteArray());
  }

  /** The status, or null where another instance has answered. */
  private @Nullable EditStatus find(Context context, String part) {
    String id = name("id", context.pathParam("id"));
    String named = context.queryParam("tenant");
    String tenant = named == null ? Topics.DEFAULT_TENANT : name("tenant", named);
    Served now = served;
    if (now == null) {
      throw starting();
    }
    try {
      KeyQueryMetadata place =
          now.streams().queryMetadataForKey(StatusUpdater.STORE, id, new StringSerializer());
      if (place.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
        throw starting();
      }
      if (!place.activeHost().equals(now.self())) {
        if (context.header(FORWARDED) != null) {
          throw starting(); // two instances of which each believes the other has it
        }
        forward(context, place.activeHost(), "/v1/edits/" + id + part + "?tenant=" + tenant);
        return null;
      }
      EditStatus status = local(now.streams(), StatusUpdater.key(tenant, id));
      if (status == null) {
        throw new Problem(404, "not found", "No request of the id " + id + " is known.", null);
      }
      return status;
    } catch (InvalidStateStoreException | IllegalStateException e) {
      Problem problem = starting();
      problem.initCause(e);
      throw problem;
    }
  }

  private static @Nullable EditStatus local(KafkaStreams streams, String key) {
    return streams
        .store(
            StoreQueryParameters.fromNameAndType(
                StatusUpdater.STORE, QueryableStoreTypes.<String, EditStatus>keyValueStore()))
        .get(key);
  }

  private static String name(String field, String value) {
    if (!RequestRules.isName(value)) {
      throw Problem.of(field, field + " is no name of 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    return value;
  }

  private void forward(Context context, HostInfo host, String path) {
    URI uri = URI.create("http://" + host.host() + ":" + host.port() + path);
    try {
      HttpResponse<byte[]> response =
          http.send(
              HttpRequest.newBuilder(uri).header(FORWARDED, "1").timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      response
          .headers()
          .firstValue(RETRY_AFTER)
          .ifPresent(seconds -> context.header(RETRY_AFTER, seconds));
      context
          .status(response.statusCode())
          .contentType(response.headers().firstValue("Content-Type").orElse("application/json"))
          .result(response.body());
    } catch (IOException e) {
      throw Problem.unavailable(AGAIN_SECONDS, "The instance that knows it does not answer.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw starting();
    }
  }

  private static Problem starting() {
    return Problem.unavailable(AGAIN_SECONDS, "The sink is starting or rebalancing; ask again.");
  }

  private static ObjectNode json(EditStatus status) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("requestId", status.getRequestId())
            .put("tenant", status.getTenant())
            .put("state", status.getState().name())
            .put("updatedAt", status.getUpdatedAt().toString());
    if (status.getState() == State.RUNNING) {
      node.put("step", status.getStep()).put("steps", status.getSteps());
    }
    if (status.getCompleted() != null) {
      node.put("output", status.getCompleted().getResult().getOutput());
      describe(node, status.getCompleted().getRequest(), status.getCompleted().getCost());
    }
    if (status.getFailed() != null) {
      node.putObject("failure")
          .put("status", status.getFailed().getStatus().name())
          .put("kind", status.getFailed().getFailure().getKind().name())
          .put("message", status.getFailed().getFailure().getMessage());
      describe(node, status.getFailed().getRequest(), status.getFailed().getCost());
    }
    return node;
  }

  private static void describe(ObjectNode node, @Nullable EditRequested request, Cost cost) {
    if (request != null) {
      node.put("source", request.getSource()).put("instruction", request.getInstruction());
    }
    node.putObject("seconds")
        .put("queued", cost.getQueued())
        .put("fetched", cost.getFetched())
        .put("read", cost.getRead())
        .put("denoised", cost.getDenoised())
        .put("decoded", cost.getDeveloped())
        .put("stored", cost.getStored());
  }
}
