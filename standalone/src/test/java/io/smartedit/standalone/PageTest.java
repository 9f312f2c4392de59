package io.smartedit.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live page in a real browser, where there is a Chromium. */
@NullUnmarked // start fills the fields
final class PageTest {

  @TempDir private static Path folder;
  private static HttpServer policy;
  private static ApiStream api;
  private static Chromium page;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "not selected: there is no Chromium on the path");
    policy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    policy.createContext("/", PageTest::judge);
    policy.start();
    String url = "http://127.0.0.1:" + policy.getAddress().getPort() + "/";
    api = new ApiStream(folder.resolve("stream"), Map.of("moderation.url", url));
    page =
        new Chromium(program.get(), folder.resolve("browser"), api.stream.endpoints().http() + "/");
    awaitShown("live", "document.getElementById('link').textContent");
  }

  /** Holds what is called so. */
  private static void judge(HttpExchange exchange) throws IOException {
    String id = ApiStream.JSON.readTree(exchange.getRequestBody()).path("requestId").asText();
    String verdict = id.startsWith("held") ? "hold" : "allow";
    byte[] answer =
        "{\"verdict\":\"%s\",\"policy\":\"<b>p-1</b>\"}".formatted(verdict).getBytes(UTF_8);
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  @AfterAll
  static void stop() throws IOException {
    if (page != null) {
      page.close();
      api.close();
      policy.stop(0);
    }
  }

  @Test
  void anImageIsChosenEditedFollowedAndSeen() throws Exception {
    page.choose(
        "input[type=file]", ApiStream.TOY.resolve("source.png").toAbsolutePath().normalize());
    page.evaluate(
        "document.querySelector('textarea').value = 'remove the smaller cat';"
            + "document.querySelector('[name=steps]').value = 2;"
            + "document.querySelector('[name=size]').value = 64;"
            + "document.querySelector('[name=variants]').value = 3;"
            + "document.getElementById('new').requestSubmit()");

    awaitShown("completed", "document.querySelector('#one [role=status]')?.textContent");
    awaitShown("true", "String(document.querySelector('.after')?.naturalWidth > 0)");
    awaitShown("3", "String(document.querySelectorAll('.variants img').length)");
    page.evaluate("document.querySelectorAll('.variants button')[2].click()");
    assertThat(
            page.evaluate(
                "String(document.querySelector('.after').src"
                    + " === document.querySelectorAll('.variants img')[2].src)"))
        .isEqualTo("true");
    assertThat(page.evaluate("document.querySelectorAll('#one table tbody tr').length"))
        .isEqualTo("6");
    assertThat(page.evaluate("document.querySelectorAll('#workers tbody tr').length"))
        .isEqualTo("1");
    assertThat(page.evaluate("document.querySelector('#said-live').textContent"))
        .contains("is edited");
    page.evaluate("document.querySelectorAll('.variants button')[0].click()");
    page.evaluate("document.querySelector('.switch input').click()");
    assertThat(page.evaluate("String(document.querySelector('.region').offsetWidth > 0)"))
        .isEqualTo("true");
    shoot("page");
  }

  @Test
  void throughputAndLatencyAreThereForWhoComesLater() throws Exception {
    api.submitAndEnd();

    awaitShown("true", "String(history() && minutes.length > 0)");
    page.call("Page.reload", ApiStream.JSON.createObjectNode());

    awaitShown("false", "String(document.getElementById('history')?.hidden)");
    awaitShown(
        "true",
        "String(/\\d+ edited/.test(document.querySelector('#throughput td')?.textContent))");
    awaitShown(
        "true", "String(/95 % within/.test(document.querySelector('#latency td')?.textContent))");
    assertThat(
            page.evaluate(
                "String([...document.querySelectorAll('#throughput .part0')]"
                    + ".some((part) => part.offsetHeight > 10))"))
        .isEqualTo("true");
  }

  @Test
  void aFailureHasItsReasonAndIsSentAgain() throws Exception {
    String id = api.submit(ApiStream.request("lost", "s3://pictures/default/not-there.png", ""));
    api.end(id);

    page.evaluate("document.querySelector('#search input').value = ' lost '");
    page.evaluate("document.getElementById('search').requestSubmit()");
    awaitShown(
        "true",
        "String(/REJECTED: .*not-there/.test(document.querySelector('#one .reason')?.textContent))");
    assertThat(page.evaluate("document.activeElement.id")).isEqualTo("one");
    page.evaluate("document.querySelector('#one .do button').click()");

    awaitShown("#/edits/lost.r1", "location.hash");
    assertThat(api.end("lost.r1").path("state").asText()).isEqualTo("FAILED");
  }

  @Test
  void heldResultsAreSeenReleasedAndRefusedAndNothingOfThemIsRun() throws Exception {
    String hostile = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>";
    for (String id : List.of("held-1", "held-2")) {
      api.submit(ApiStream.request(id, api.source, "").replace("remove the smaller cat", hostile));
    }

    awaitShown("2", "String(document.querySelectorAll('#held li').length)");
    awaitShown(
        "4",
        "String([...document.querySelectorAll('#held .pair img')]"
            + ".filter((image) => image.naturalWidth > 0).length)");
    assertThat(page.evaluate("document.querySelector('#held .words').textContent"))
        .isEqualTo(hostile);
    assertThat(page.evaluate("document.querySelector('#held .reason').textContent"))
        .isEqualTo("<b>p-1</b>");
    assertThat(page.evaluate("String(window.ran)")).isEqualTo("undefined");
    shoot("held");
    page.evaluate("document.querySelector('[aria-label=\"Release held-1\"]').click()");
    awaitShown("1", "String(document.querySelectorAll('#held li').length)");
    page.evaluate("document.querySelector('#held input').value = 'not ours'");
    page.evaluate("document.querySelector('[aria-label=\"Refuse held-2\"]').click()");

    assertThat(api.end("held-1").path("state").asText()).isEqualTo("COMPLETED");
    assertThat(api.end("held-2").at("/failure/message").asText()).contains("not ours");
    awaitShown("true", "String(document.getElementById('reviews').hidden)");
  }

  @Test
  void everythingHasANameAndTheKeyboardComesEverywhere() throws Exception {
    JsonNode tree = page.call("Accessibility.getFullAXTree", ApiStream.JSON.createObjectNode());

    for (JsonNode node : tree.at("/result/nodes")) {
      String role = node.at("/role/value").asText();
      if (List.of("button", "textbox", "link", "spinbutton", "checkbox", "slider").contains(role)) {
        assertThat(node.at("/name/value").asText()).as(node.toString()).isNotBlank();
      }
    }
    for (String hostile : List.of("%zz", "..%2F..%2Fopenapi.json%3Fx", "%3Cimg%20src%3Dx%3E")) {
      page.evaluate("location.hash = '#/edits/" + hostile + "'");
      awaitShown(
          "That is no request id.", "document.querySelector('#one [role=status]')?.textContent");
      page.evaluate("location.hash = '#/'");
      awaitShown("true", "String(document.getElementById('one').hidden)");
    }
    page.evaluate("document.querySelector('.skip').focus()");
    assertThat(page.evaluate("String(document.querySelector('.skip').offsetLeft >= 0)"))
        .isEqualTo("true");
    tab();
    assertThat(page.evaluate("document.activeElement.closest('h1') ? 'home' : 'other'"))
        .isEqualTo("home");
    for (int i = 0; i < 4; i++) { // tenant, key, Use, the file
      tab();
    }
    assertThat(page.evaluate("document.activeElement.name")).isEqualTo("file");
  }

  private static void tab() throws Exception {
    for (String type : List.of("keyDown", "keyUp")) {
      page.call(
          "Input.dispatchKeyEvent",
          ApiStream.JSON
              .createObjectNode()
              .put("type", type)
              .put("key", "Tab")
              .put("code", "Tab")
              .put("windowsVirtualKeyCode", 9));
    }
  }

  /** Looks at both widths and both schemes; the images are to be looked at, too. */
  private static void shoot(String name) throws Exception {
    for (String scheme : List.of("light", "dark")) {
      ObjectNode media = ApiStream.JSON.createObjectNode();
      media
          .putArray("features")
          .addObject()
          .put("name", "prefers-color-scheme")
          .put("value", scheme);
      page.call("Emulation.setEmulatedMedia", media);
      for (int width : new int[] {400, 1400}) {
        byte[] png = page.screenshot(width, width == 400 ? 1800 : 1000);
        BufferedImage shot = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(shot.getWidth()).isEqualTo(width);
        assertThat(page.evaluate("document.documentElement.scrollWidth"))
            .as("nothing sticks out")
            .isEqualTo(Integer.toString(width));
        Files.write(Path.of("target", name + "-" + scheme + "-" + width + ".png"), png);
      }
    }
  }

  private static void awaitShown(String wanted, String expression) {
    AtomicReference<String> seen = new AtomicReference<>("");
    try {
      await(expression + " to be " + wanted)
          .atMost(ApiStream.LIMIT)
          .until(
              () -> {
                try {
                  seen.set(page.evaluate(expression));
                  return wanted.equals(seen.get());
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          e.getMessage() + "; it is " + seen.get() + "; page: " + text(), e);
    }
  }

  private static String text() {
    try {
      return String.valueOf(page.evaluate("document.body.innerText"));
    } catch (Exception e) {
      return e.toString();
    }
  }
}
