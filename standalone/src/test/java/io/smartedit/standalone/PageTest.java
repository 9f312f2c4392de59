package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live page in a real browser, where there is a Chromium. */
final class PageTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void anImageIsChosenEditedFollowedAndSeen() throws Exception {
    Optional<Path> program = Chromium.program();
    assumeTrue(program.isPresent(), "not selected: there is no Chromium on the path");
    try (ApiStream api = new ApiStream(folder.resolve("stream"));
        Chromium page =
            new Chromium(
                program.get(), folder.resolve("browser"), api.stream.endpoints().http() + "/")) {
      awaitShown(page, "live", "document.getElementById('link').textContent");

      page.choose(
          "input[type=file]", ApiStream.TOY.resolve("source.png").toAbsolutePath().normalize());
      page.evaluate(
          "document.querySelector('textarea').value = 'remove the smaller cat';"
              + "document.querySelector('[name=steps]').value = 2;"
              + "document.querySelector('[name=size]').value = 64;"
              + "document.querySelector('[name=variants]').value = 3;"
              + "document.getElementById('new').requestSubmit()");

      awaitShown(page, "completed", "document.querySelector('#list .state').textContent");
      awaitShown(page, "true", "String(document.querySelector('.after')?.naturalWidth > 0)");
      awaitShown(page, "3", "String(document.querySelectorAll('.variants img').length)");
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
      assertThat(page.evaluate("document.querySelector('#models tbody tr td').textContent"))
          .isEqualTo("1");
      page.evaluate("location.hash = '#/edits/nobody'");
      awaitShown(
          page, "true", "String(document.getElementById('one').textContent.includes('nobody'))");
      for (int width : new int[] {400, 1400}) {
        byte[] png = page.screenshot(width, 900);
        BufferedImage shot = ImageIO.read(new ByteArrayInputStream(png));
        assertThat(shot.getWidth()).isEqualTo(width);
        assertThat(page.evaluate("document.documentElement.scrollWidth"))
            .as("nothing sticks out")
            .isEqualTo(Integer.toString(width));
        Files.write(Path.of("target", "page-" + width + ".png"), png);
      }
    }
  }

  private static void awaitShown(Chromium page, String wanted, String expression) {
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
          e.getMessage() + "; it is " + seen.get() + "; page: " + text(page), e);
    }
  }

  private static String text(Chromium page) {
    try {
      return String.valueOf(page.evaluate("document.body.innerText"));
    } catch (Exception e) {
      return e.toString();
    }
  }
}
