package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditRequested;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.OutputFormat;
import io.smartedit.service.EditEvent;
import io.smartedit.store.ObjectName;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenAI's image edits, as their Python package 3.57 asks for them, before there is a worker. */
@Timeout(60)
final class OpenAiTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String BOUNDARY = "bf0c5a2ee0d2ed4a6e1c7ab5c8b1f4d2";

  private static LoneIngest ingest;

  @BeforeAll
  static void start() {
    ingest = new LoneIngest(Map.of("images.patience", "10s"), new InMemorySchemaRegistry());
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void aFormIsUploadedRequestedAndAnsweredWithTheImages() throws Exception {
    byte[] result = png(3, 3, 0xff00ff00);
    ObjectName place = ObjectName.parse("s3://edited/default/result.png");
    ingest.store.ensureBucket("edited");
    ingest.store.write(place, result, "image/png", Map.of());
    ObjectName second = ObjectName.parse("s3://edited/default/result~2.png");
    ingest.store.write(second, png(5, 5, 0xffff0000), "image/png", Map.of());
    Form form =
        new Form()
            .text("prompt", "remove the cat")
            .text("n", "2")
            .text("size", "auto")
            .text("model", "gpt-image-1")
            .text("output_format", "webp")
            .text("user", "u-1")
            .file("image", "cat.png", png(4, 2, 0xffffffff))
            .file("mask", "mask.png", png(4, 2, 0x00ffffff));

    CompletableFuture<HttpResponse<String>> answer = post(form);
    EditRequested one = requests("remove the cat", 1).get(0);
    end(
        one,
        "completed",
        "\"output\":\"%s\",\"variants\":[{\"seed\":2,\"output\":\"%s\"}]".formatted(place, second));

    HttpResponse<String> images = answer.get();
    assertThat(images.statusCode()).as(images.body()).isEqualTo(200);
    JsonNode data = JSON.readTree(images.body()).path("data");
    assertThat(data).hasSize(2);
    assertThat(Base64.getDecoder().decode(data.path(0).path("b64_json").asText()))
        .isEqualTo(result);
    assertThat(Base64.getDecoder().decode(data.path(1).path("b64_json").asText()))
        .isEqualTo(png(5, 5, 0xffff0000));
    assertThat(one.getModel()).isNull();
    assertThat(one.getOptions().getFormat()).isEqualTo(OutputFormat.WEBP);
    assertThat(one.getLabels()).containsEntry("user", "u-1");
    assertThat(one.getOptions().getVariants()).isEqualTo(2);
    assertThat(images.headers().firstValue("x-request-id")).hasValue(one.getRequestId());
    BufferedImage mask = stored(String.valueOf(one.getOptions().getMask()));
    assertThat(mask.getRGB(0, 0)).isEqualTo(0xffffffff);
    assertThat(stored(one.getSource()).getWidth()).isEqualTo(4);
  }

  @Test
  void whatIsOpaqueInTheMaskMayNotChange() throws Exception {
    BufferedImage mask = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    mask.setRGB(0, 0, 0x01000000);
    mask.setRGB(1, 0, 0x00ffffff);

    BufferedImage ours = ImageIO.read(new ByteArrayInputStream(AlphaMask.toStream(bytes(mask))));

    assertThat(ours.getRGB(0, 0)).isEqualTo(0xff000000);
    assertThat(ours.getRGB(1, 0)).isEqualTo(0xffffffff);
  }

  @Test
  void jsonWithAnAddressAndWithDataIsTakenToo() throws Exception {
    String data =
        "data:image/png;base64," + Base64.getEncoder().encodeToString(png(8, 8, 0xff000000));
    for (String image :
        List.of("\"" + LoneIngest.SOURCE + "\"", "[{\"image_url\":\"" + data + "\"}]")) {
      String prompt = "make it " + image.length();
      String body =
          "{\"images\":%s,\"prompt\":\"%s\",\"size\":\"512x512\",\"response_format\":\"url\"}"
              .formatted(image, prompt);
      CompletableFuture<HttpResponse<String>> answer = post(body);
      EditRequested request = requests(prompt, 1).get(0);
      end(request, "completed", "\"output\":\"s3://edited/default/x.png\"");

      assertThat(request.getOptions().getSize()).isEqualTo(512);
      assertThat(request.getOptions().getComposite()).isFalse();
      assertThat(JSON.readTree(answer.get().body()).at("/data/0/url").asText())
          .isEqualTo(ingest.uri("/v1/edits/" + request.getRequestId() + "/result").toString());
    }
  }

  @Test
  void adaptersAreNamedInALineAsAFormHasNoMaps() throws Exception {
    String body = "{\"image\":\"%s\",\"prompt\":\"as a toon\",\"adapters\":\"%s\"}";
    CompletableFuture<HttpResponse<String>> answer =
        post(body.formatted(LoneIngest.SOURCE, "toon=0.5, sketch"));
    EditRequested request = requests("as a toon", 1).get(0);
    end(request, "completed", "\"output\":\"s3://edited/default/x.png\"");

    assertThat(request.getOptions().getAdapters()).isEqualTo(Map.of("toon", 0.5, "sketch", 1.0));
    answer.get();
    for (String bad : List.of("toon=much", "toon=", "toon,toon", "toon=9", "a b", ",")) {
      HttpResponse<String> refused = post(body.formatted(LoneIngest.SOURCE, bad)).get();
      assertThat(refused.statusCode()).as(bad).isEqualTo(400);
      assertThat(refused.body()).contains("adapters");
    }
  }

  @Test
  void severalImagesHaveAnAddressEach() throws Exception {
    CompletableFuture<HttpResponse<String>> answer =
        post(
            "{\"image\":\"%s\",\"prompt\":\"thrice\",\"n\":3,\"seed\":7,\"response_format\":\"url\"}"
                .formatted(LoneIngest.SOURCE));
    EditRequested request = requests("thrice", 1).get(0);
    String variant = "{\"output\":\"s3://edited/default/x~2.png\"}";
    end(
        request,
        "completed",
        "\"output\":\"s3://edited/default/x.png\",\"variants\":[" + variant + "," + variant + "]");

    String result = ingest.uri("/v1/edits/" + request.getRequestId() + "/result").toString();
    assertThat(request.getOptions().getSeed()).isEqualTo(7);
    assertThat(JSON.readTree(answer.get().body()).path("data"))
        .extracting(image -> image.path("url").asText())
        .containsExactly(result, result + "?variant=2", result + "?variant=3");
  }

  @ParameterizedTest
  @CsvSource({
    "REJECTED, REJECTED, 400, invalid_request_error, edit_failed",
    "FAILED, EXTERNAL, 503, server_error, edit_failed",
    "FAILED, INTERNAL, 500, server_error, edit_failed",
    "CANCELLED, REJECTED, 400, invalid_request_error, edit_cancelled"
  })
  void anEditThatFailsIsAnErrorOfTheirs(
      String status, String kind, int code, String type, String name) throws Exception {
    String prompt = "fail as " + status + kind;
    CompletableFuture<HttpResponse<String>> answer =
        post("{\"image\":\"%s\",\"prompt\":\"%s\"}".formatted(LoneIngest.SOURCE, prompt));
    end(
        requests(prompt, 1).get(0),
        "failed",
        "\"status\":\"%s\",\"kind\":\"%s\",\"message\":\"as told\"".formatted(status, kind));

    assertThat(answer.get().statusCode()).isEqualTo(code);
    JsonNode error = JSON.readTree(answer.get().body()).path("error");
    assertThat(error.path("message").asText()).contains("as told");
    assertThat(error.path("type").asText()).isEqualTo(type);
    assertThat(error.path("code").asText()).isEqualTo(name);
  }

  @Test
  void whatDoesNotEndInTimeIsSaidWithItsRequest() throws Exception {
    HttpResponse<String> answer =
        post("{\"image\":\"%s\",\"prompt\":\"dawdle\"}".formatted(LoneIngest.SOURCE)).get();

    String id = requests("dawdle", 1).get(0).getRequestId();
    assertThat(answer.statusCode()).isEqualTo(504);
    assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
    assertThat(answer.headers().firstValue("x-request-id")).hasValue(id);
    assertThat(JSON.readTree(answer.body()).at("/error/message").asText())
        .contains("within 10 s", id);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prompt||prompt is missing",
        "n|0|from 1 to 10",
        "n|many|whole number",
        "size|1536x1024|'1536x1024'",
        "size|2048x2048|up to 1024",
        "response_format|png|b64_json, url",
        "output_format|gif|png, jpeg, webp",
        "background|transparent|auto, opaque",
        "stream|true|stream is 'true'",
        "frame_count|3|Unknown parameter: 'frame_count'",
        "image|s3://secret/a.png|secret",
        "mask|data:image/png;base64,AAAA|mask is no PNG image"
      })
  void aParameterThatIsNotAsItMustBeIsNamed(String name, String value, String said)
      throws Exception {
    Map<String, String> fields = new HashMap<>();
    fields.put("image", LoneIngest.SOURCE);
    fields.put("prompt", "remove the cat");
    fields.put(name, value == null ? "" : value);

    HttpResponse<String> answer = post(JSON.writeValueAsString(fields)).get();

    assertThat(answer.statusCode()).isEqualTo(400);
    JsonNode error = JSON.readTree(answer.body()).path("error");
    assertThat(error.path("param").asText()).isEqualTo(name);
    assertThat(error.path("message").asText()).contains(said);
  }

  @Test
  void whatIsNoFormIsRefused() throws Exception {
    assertThat(post(new Form().text("prompt", "x").file("image", "a.txt", new byte[20])).get())
        .extracting(HttpResponse::statusCode)
        .isEqualTo(415);
    HttpResponse<String> broken =
        send("multipart/form-data; boundary=x", "--y\r\nnothing".getBytes(StandardCharsets.UTF_8))
            .get();
    assertThat(broken.statusCode()).isEqualTo(400);
    assertThat(broken.body()).contains("no proper form");
    Form two = new Form().text("prompt", "x");
    two.file("image[]", "a.png", png(1, 1, 0)).file("image[]", "b.png", png(1, 1, 0));
    assertThat(post(two).get().body()).contains("several images");
  }

  /** A form as the package sends it. */
  private static final class Form {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Form text(String name, String value) {
      write(
          "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
              .formatted(BOUNDARY, name, value));
      return this;
    }

    Form file(String name, String file, byte[] content) {
      write(
          "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: image/png\r\n\r\n"
              .formatted(BOUNDARY, name, file));
      bytes.writeBytes(content);
      write("\r\n");
      return this;
    }

    byte[] end() {
      write("--" + BOUNDARY + "--\r\n");
      return bytes.toByteArray();
    }

    private void write(String text) {
      bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static CompletableFuture<HttpResponse<String>> post(Form form) {
    return send("multipart/form-data; boundary=" + BOUNDARY, form.end());
  }

  private static CompletableFuture<HttpResponse<String>> post(String json) {
    return send("application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static CompletableFuture<HttpResponse<String>> send(String type, byte[] body) {
    return HTTP.sendAsync(
        HttpRequest.newBuilder(ingest.uri("/v1/images/edits"))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static List<EditRequested> requests(String prompt, int count) {
    return Awaitility.await()
        .atMost(LIMIT)
        .until(
            () ->
                ingest.producer.history().stream()
                    .map(record -> (EditRequested) record.value())
                    .filter(request -> request.getInstruction().equals(prompt))
                    .toList(),
            found -> found.size() == count);
  }

  /** What the stream would tell of a request. */
  private static void end(EditRequested request, String type, String data) {
    String id = request.getRequestId();
    ingest.subscriptions.publish(
        new EditEvent(
            "e-" + id, "default", id, type, "{\"requestId\":\"%s\",%s}".formatted(id, data)));
  }

  private static BufferedImage stored(String place) throws Exception {
    return ImageIO.read(
        new ByteArrayInputStream(ingest.store.read(ObjectName.parse(place), 1 << 20)));
  }

  private static byte[] png(int width, int height, int argb) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, argb);
    }
    return bytes(image);
  }

  private static byte[] bytes(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
