package io.smartedit.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.ContainerState;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * The compose file's stream, on genuine Kafka, registry and MinIO, in the images that Jib builds:
 * {@code mvn -DskipTests package jib:dockerBuild -pl ingest,gpu-worker,results-sink -am}, then
 * {@code mvn verify -Dtest.excluded=gpu}.
 */
@Tag("docker")
final class DockerTest {

  private static final Path IMAGE = Path.of("../editor/src/test/resources/parity/tiny/source.png");

  /** As the compose file publishes it. */
  private static final URI FRONT_DOOR = URI.create("http://127.0.0.1:8080");

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final ComposeContainer STREAM =
      new ComposeContainer(new File("../docker-compose.yml"))
          .waitingFor("ingest", Wait.forHealthcheck().withStartupTimeout(LIMIT))
          .waitingFor("gpu-worker", Wait.forHealthcheck().withStartupTimeout(LIMIT))
          .waitingFor("results-sink", Wait.forHealthcheck().withStartupTimeout(LIMIT));

  @BeforeAll
  static void start() {
    STREAM.start();
  }

  @AfterAll
  static void stop() {
    STREAM.stop();
  }

  @Test
  void anUploadedImageIsEditedAndTheSameIdIsNotEditedTwice() throws Exception {
    String source = upload();
    String id = UUID.randomUUID().toString();

    assertThat(submit(id, source)).isEqualTo(submit(id, source));

    assertThat(end(id).path("state").asText()).isEqualTo("COMPLETED");
    assertThat(end(id).path("output").asText()).isEqualTo("s3://edited/default/" + id + ".png");
  }

  @Test
  void aKilledWorkerAndARestartedBrokerLoseNothing() throws Exception {
    String source = upload();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add(UUID.randomUUID().toString());
      submit(ids.get(i), source);
      if (i == 7) {
        killAndStart("gpu-worker");
      }
      if (i == 14) {
        restart("kafka");
      }
    }
    for (String id : ids) {
      assertThat(end(id).path("state").asText()).as(id).isEqualTo("COMPLETED");
    }
  }

  /** Docker's restart policy does not count a kill from outside as a crash. */
  private static void killAndStart(String service) {
    DockerClientFactory.lazyClient().killContainerCmd(container(service)).exec();
    DockerClientFactory.lazyClient().startContainerCmd(container(service)).exec();
  }

  private static void restart(String service) {
    DockerClientFactory.lazyClient().restartContainerCmd(container(service)).exec();
  }

  private static String container(String service) {
    return STREAM
        .getContainerByServiceName(service)
        .map(ContainerState::getContainerId)
        .orElseThrow();
  }

  private static String upload() throws IOException, InterruptedException {
    return call("POST", "/v1/pictures", BodyPublishers.ofFile(IMAGE)).path("source").asText();
  }

  private static String submit(String id, String source) throws IOException, InterruptedException {
    String body =
        JSON.createObjectNode()
            .put("requestId", id)
            .put("source", source)
            .put("instruction", "remove the smaller dog")
            .toString();
    return call("POST", "/v1/edits", BodyPublishers.ofString(body)).toString();
  }

  private static JsonNode end(String id) {
    List<JsonNode> ends = new ArrayList<>();
    await("the end of " + id)
        .atMost(LIMIT)
        .until(
            () -> {
              JsonNode status = status(id);
              String state = status.path("state").asText();
              if (state.equals("COMPLETED") || state.equals("FAILED")) {
                ends.add(status);
              }
              return !ends.isEmpty();
            });
    return ends.get(0);
  }

  private static JsonNode status(String id) {
    try {
      return call("GET", "/v1/edits/" + id, BodyPublishers.noBody());
    } catch (IOException e) {
      return JSON.createObjectNode(); // asked again
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode call(String method, String path, BodyPublisher body)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        HTTP.send(
            HttpRequest.newBuilder(FRONT_DOOR.resolve(path)).method(method, body).build(),
            BodyHandlers.ofByteArray());
    if (response.statusCode() >= 300) {
      throw new IOException(path + ": " + new String(response.body(), UTF_8));
    }
    return JSON.readTree(response.body());
  }
}
