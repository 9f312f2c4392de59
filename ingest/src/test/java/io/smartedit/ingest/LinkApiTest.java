package io.smartedit.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.store.ObjectName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LinkApiTest {

  private static final ObjectName RESULT = ObjectName.parse("s3://edited/default/r-1.png");
  private static final ObjectName SOURCE = ObjectName.parse("s3://pictures/default/a.png");

  private HttpServer sink;
  private LoneIngest ingest;
  private volatile String status = "";

  @BeforeEach
  void start() throws IOException {
    sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    sink.createContext(
        "/",
        exchange -> {
          byte[] body = status.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    sink.start();
    ingest =
        new LoneIngest(
            Map.of("status.url", "http://127.0.0.1:" + sink.getAddress().getPort()),
            new InMemorySchemaRegistry());
    ingest.store.ensureBucket("edited");
    for (ObjectName name : new ObjectName[] {RESULT, SOURCE}) {
      ingest.store.write(name, new byte[] {1}, "image/png", Map.of());
    }
  }

  @AfterEach
  void stop() {
    ingest.close();
    sink.stop(0);
  }

  private void ended(String source) {
    status =
        "{\"state\":\"COMPLETED\",\"output\":\"" + RESULT + "\",\"source\":\"" + source + "\"}";
  }

  @Test
  void anErasureDeletesResultAndUploadedSourceAndTellsOfBoth() throws Exception {
    ended(SOURCE.toString());

    assertThat(call("DELETE", "/v1/edits/r-1/images", "").statusCode()).isEqualTo(200);

    assertThat(ingest.store.metadata(RESULT)).isEmpty();
    assertThat(ingest.store.metadata(SOURCE)).isEmpty();
    assertThat(ingest.producer.history())
        .extracting(record -> ((ImageDeleted) record.value()).getObject())
        .containsExactly(RESULT.toString(), SOURCE.toString());
  }

  @Test
  void anErasureDeletesEveryImageOfTheRequest() throws Exception {
    ObjectName variant = write("s3://edited/default/r-1~2.png");
    ObjectName mask = write("s3://pictures/default/mask.png");
    ObjectName changed = write("s3://edited/default/r-1.changed.png");
    ObjectName foreign = write("s3://edited/other/r-1~3.png");
    status =
        """
        {"state": "COMPLETED", "output": "%s", "source": "%s", "mask": "%s",
         "variants": [{"output": "%s"}, {"output": "%s"}], "changed": {"mask": "%s"}}"""
            .formatted(RESULT, SOURCE, mask, variant, foreign, changed);

    String answer = call("DELETE", "/v1/edits/r-1/images", "").body();

    assertThat(answer).doesNotContain("other");
    for (ObjectName name : new ObjectName[] {RESULT, SOURCE, mask, variant, changed}) {
      assertThat(answer).contains(name.toString());
      assertThat(ingest.store.metadata(name)).isEmpty();
    }
    assertThat(ingest.store.metadata(foreign)).isPresent();
    assertThat(ingest.producer.history())
        .extracting(record -> ((ImageDeleted) record.value()).getObject())
        .containsExactlyInAnyOrder(
            RESULT.toString(),
            SOURCE.toString(),
            mask.toString(),
            variant.toString(),
            changed.toString());
  }

  private ObjectName write(String place) {
    ObjectName name = ObjectName.parse(place);
    ingest.store.write(name, new byte[] {1}, "image/png", Map.of());
    return name;
  }

  @Test
  void aSourceThatWasNotUploadedHereStays() throws Exception {
    ended("s3://edited/default/r-0.png");

    String answer = call("DELETE", "/v1/edits/r-1/images", "").body();

    assertThat(answer).contains(RESULT.toString()).doesNotContain("r-0");
  }

  @Test
  void whatIsStillAtWorkIsNotErased() throws Exception {
    status = "{\"state\":\"RUNNING\"}";

    assertThat(call("DELETE", "/v1/edits/r-1/images", "").statusCode()).isEqualTo(409);
    assertThat(ingest.store.metadata(RESULT)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"type\":\"image/png\"}",
        "{\"type\":\"text/html\",\"bytes\":1}",
        "{\"type\":\"image/png\",\"bytes\":0}",
        "{\"type\":\"image/png\",\"bytes\":33554433}",
        "{\"type\":\"image/png\",\"bytes\":1,\"key\":\"other/a.png\"}"
      })
  void anUploadThatWouldBeNoneIsRefused(String body) throws Exception {
    assertThat(call("POST", "/v1/uploads", body).statusCode()).as(body).isEqualTo(400);
  }

  @Test
  void aStoreWithoutLinksSaysSo() throws Exception {
    ended(SOURCE.toString());

    assertThat(call("GET", "/v1/edits/r-1/links", "").statusCode()).isEqualTo(501);
  }

  private HttpResponse<String> call(String method, String path, String body) throws Exception {
    URI uri = ingest.uri(path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofString(body));
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }
}
