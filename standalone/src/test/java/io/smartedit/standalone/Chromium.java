package io.smartedit.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A headless Chromium with one page, steered by its DevTools protocol. */
final class Chromium implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

  /** The program, where there is one on the path. */
  static Optional<Path> program() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> folder + "/" + name))
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  Chromium(Path program, Path folder, String url) throws Exception {
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder,
                "about:blank")
            .redirectErrorStream(true)
            .start();
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest open =
        HttpRequest.newBuilder(URI.create("http://" + devTools() + "/json/new?" + url))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    String page = http.send(open, BodyHandlers.ofString()).body();
    socket =
        http.newWebSocketBuilder()
            .buildAsync(
                URI.create(JSON.readTree(page).path("webSocketDebuggerUrl").asText()),
                new Listener())
            .get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Host and port, which it says when it listens. */
  private String devTools() throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("DevTools listening on ")) {
        return URI.create(line.substring(line.indexOf("ws://"))).getAuthority();
      }
    }
    throw new IOException("Chromium ended");
  }

  JsonNode call(String method, ObjectNode parameters) throws Exception {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(message.toString(), true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** What an expression of JavaScript comes to, as text. */
  String evaluate(String expression) throws Exception {
    JsonNode result =
        call("Runtime.evaluate", JSON.createObjectNode().put("expression", expression));
    return result.at("/result/result/value").asText();
  }

  /** Chooses a file in the form's input. */
  void choose(String selector, Path file) throws Exception {
    JsonNode root = call("DOM.getDocument", JSON.createObjectNode());
    ObjectNode query =
        JSON.createObjectNode()
            .put("nodeId", root.at("/result/root/nodeId").asInt())
            .put("selector", selector);
    int node = call("DOM.querySelector", query).at("/result/nodeId").asInt();
    ObjectNode files = JSON.createObjectNode().put("nodeId", node);
    files.putArray("files").add(file.toAbsolutePath().toString());
    call("DOM.setFileInputFiles", files);
  }

  byte[] screenshot(int width, int height) throws Exception {
    ObjectNode size =
        JSON.createObjectNode()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false);
    call("Emulation.setDeviceMetricsOverride", size);
    JsonNode shot = call("Page.captureScreenshot", JSON.createObjectNode());
    return Base64.getDecoder().decode(shot.at("/result/data").asText());
  }

  @Override
  public void close() {
    socket.abort();
    process.destroy();
  }

  private final class Listener implements WebSocket.Listener {

    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          JsonNode message = JSON.readTree(text.toString());
          CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt());
          if (answer != null) {
            answer.complete(message);
          }
        } catch (IOException e) {
          throw new IllegalStateException("Chromium's answer is no JSON", e);
        }
        text.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
