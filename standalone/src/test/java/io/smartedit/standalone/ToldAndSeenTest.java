package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the stream tells others of edits, over a real broker, registry and store. */
final class ToldAndSeenTest {

  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  @TempDir private Path folder = Path.of("");

  @Test
  void anEditsEndIsToldToItsTenantAndToWhomTheRequestNames() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          told.add(exchange.getRequestURI() + " " + body);
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    receiver.start();
    String url = "http://127.0.0.1:" + receiver.getAddress().getPort();
    Path file =
        Files.writeString(
            folder.resolve("webhooks"),
            "default " + url + "/tenant " + SECRET + "\n* requests " + SECRET + "\n");
    Map<String, String> given =
        Map.of(
            "webhooks.file", file.toString(),
            "webhook.hosts", "*",
            "webhook.allow-private", "true");
    try (ApiStream api = new ApiStream(folder.resolve("data"), given)) {
      String webhook = ",\"webhook\":\"" + url + "/request\"";
      String id = api.submit(ApiStream.request("told", api.source, webhook));
      assertThat(api.end(id).path("state").asText()).isEqualTo("COMPLETED");

      await("both to be told").atMost(ApiStream.LIMIT).until(() -> told.size() >= 2);
      assertThat(told)
          .allSatisfy(each -> assertThat(each).contains("edit.completed", "\"told\""))
          .anyMatch(each -> each.startsWith("/tenant "))
          .anyMatch(each -> each.startsWith("/request "));
    } finally {
      receiver.stop(0);
    }
  }
}
