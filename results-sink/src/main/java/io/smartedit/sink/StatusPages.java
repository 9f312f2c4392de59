package io.smartedit.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditStatus;
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
 * Answers what became of a tenant's request, from this instance's store or from the one that has
 * it.
 */
final class StatusPages {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FORWARDED = "SmartEdit-Forwarded";
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final KafkaStreams streams;
  private final HostInfo self;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();

  StatusPages(KafkaStreams streams, HostInfo self) {
    this.streams = streams;
    this.self = self;
  }

  void addTo(HttpEndpoint endpoint) {
    endpoint
        .routes()
        .addHttpHandler(HandlerType.GET, "/v1/edits/{id}", this::status)
        .addHttpHandler(HandlerType.GET, "/v1/edits/{id}/failed.avro", this::failed);
  }

  private void status(Context context) {
    EditStatus status = find(context);
    if (status != null) {
      context.contentType("application/json").result(json(status).toString());
    }
  }

  private void failed(Context context) {
    EditStatus status = find(context);
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
  private @Nullable EditStatus find(Context context) {
    String id = context.pathParam("id");
    String named = context.queryParam("tenant");
    String tenant = named == null ? Topics.DEFAULT_TENANT : named;
    try {
      KeyQueryMetadata place =
          streams.queryMetadataForKey(StatusKeeper.STORE, id, new StringSerializer());
      if (place.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
        throw starting();
      }
      if (!place.activeHost().equals(self)) {
        if (context.header(FORWARDED) != null) {
          throw starting(); // two instances of which each believes the other has it
        }
        forward(context, place.activeHost());
        return null;
      }
      EditStatus status =
          streams
              .store(
                  StoreQueryParameters.fromNameAndType(
                      StatusKeeper.STORE, QueryableStoreTypes.<String, EditStatus>keyValueStore()))
              .get(StatusKeeper.key(tenant, id));
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

  private void forward(Context context, HostInfo host) {
    URI uri = URI.create("http://" + host.host() + ":" + host.port() + path(context));
    try {
      HttpResponse<byte[]> response =
          http.send(
              HttpRequest.newBuilder(uri).header(FORWARDED, "1").timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      context
          .status(response.statusCode())
          .contentType(response.headers().firstValue("Content-Type").orElse("application/json"))
          .result(response.body());
    } catch (IOException e) {
      Problem problem =
          new Problem(503, "unavailable", "The instance that knows it does not answer.", null);
      problem.initCause(e);
      throw problem;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw starting();
    }
  }

  private static String path(Context context) {
    String query = context.queryString();
    return query == null ? context.path() : context.path() + "?" + query;
  }

  private static Problem starting() {
    return new Problem(503, "unavailable", "The sink is starting or rebalancing; ask again.", null);
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
    }
    if (status.getFailed() != null) {
      node.putObject("failure")
          .put("status", status.getFailed().getStatus().name())
          .put("kind", status.getFailed().getFailure().getKind().name())
          .put("message", status.getFailed().getFailure().getMessage());
    }
    return node;
  }
}
