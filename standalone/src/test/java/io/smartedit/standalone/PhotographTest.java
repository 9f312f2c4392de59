package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.events.Changed;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A photograph of 12 megapixels through the whole stream, edited by the model that ships. */
final class PhotographTest {

  private static final Path MODEL = Path.of("../models/smartedit-mini");
  private static final ObjectName SOURCE = new ObjectName(LocalStream.INBOX, "photograph.jpg");
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int SCALE = 55; // 3,520 pixels a side
  private static final long MAX_RESULT = 64L << 20;

  @TempDir private Path folder = Path.of("");

  @Test
  void everyPixelOutsideWhatTheEventSaysIsTheSources() throws Exception {
    EmojiEdit edit = new EmojiEdits(1, Split.HELD_OUT).get(Kind.NAME, 0);
    byte[] file = ImageCodec.encode(photograph(edit), ImageCodec.Format.JPEG);
    try (LocalStream stream =
            LocalStream.start(folder, SmartEdit.open(MODEL, SmartEdit.Settings.DEFAULT), "m", 4);
        S3ObjectStore store = stream.endpoints().store();
        EventStream events = new EventStream(stream.endpoints(), false);
        Requests requests = new Requests(stream.endpoints())) {
      Waiting.until("the stream", LIMIT, stream::isReady);
      store.write(SOURCE, file, "image/jpeg", Map.of());

      requests.send(request(edit.instruction()));

      EditResult result = result(events);
      Changed changed = result.getChanged();
      assertThat(changed.getShare()).as("an object, not all of it").isBetween(0.001, 0.5);
      byte[] png = store.read(ObjectName.parse(result.getOutput()), MAX_RESULT);
      Image edited = ImageCodec.decode(png, ImageLimits.DEFAULT);
      Image source = ImageCodec.decode(file, ImageLimits.DEFAULT);
      assertThat(edited.width() * edited.height()).isGreaterThan(12_000_000);
      assertOnlyChanged(source, edited, changed);
    }
  }

  private static void assertOnlyChanged(Image source, Image edited, Changed changed) {
    int width = source.width();
    assertThat(edited.width()).isEqualTo(width);
    long differ = 0;
    long strayed = 0;
    for (int i = 0; i < width * source.height(); i++) {
      boolean same = true;
      for (int c = 3 * i; c < 3 * i + 3; c++) {
        same &= edited.rgb()[c] == source.rgb()[c];
      }
      int x = i % width - changed.getX();
      int y = i / width - changed.getY();
      boolean inside = x >= 0 && y >= 0 && x < changed.getWidth() && y < changed.getHeight();
      differ += same ? 0 : 1;
      strayed += same || inside ? 0 : 1;
    }
    assertThat(strayed).as("pixels outside the box that are not the source's").isZero();
    assertThat(differ)
        .as("pixels that are not the source's")
        .isPositive()
        .isLessThanOrEqualTo(Math.round(changed.getShare() * width * source.height()));
  }

  /** Drawn objects before a textured, noisy ground with strokes as fine as small print. */
  private static Image photograph(EmojiEdit edit) {
    Image scene = edit.source().draw(SCALE);
    Random random = new Random(5);
    byte[] rgb = scene.rgb();
    int width = scene.width();
    for (int i = 0; i < width * scene.height(); i++) {
      int x = i % width;
      int y = i / width;
      double grain = 4 * Math.sin(x / 7.0) * Math.cos(y / 11.0) + 3 * random.nextGaussian();
      boolean print = y % 160 < 24 && x % 9 < 2 && (x / 9 + y / 160) % 5 > 0;
      for (int c = 3 * i; c < 3 * i + 3; c++) {
        double level = (rgb[c] & 0xFF) + grain - (print ? 20 : 0);
        rgb[c] = (byte) Math.max(0, Math.min(255, Math.round(level)));
      }
    }
    return scene;
  }

  private static EditRequested request(String instruction) {
    return EditRequested.newBuilder()
        .setRequestId("photograph")
        .setSource(SOURCE.toString())
        .setInstruction(instruction)
        .setOptions(EditSettings.newBuilder().build())
        .setRequestedAt(Instant.ofEpochMilli(System.currentTimeMillis()))
        .build();
  }

  private static EditResult result(EventStream events) {
    AtomicReference<EditResult> result = new AtomicReference<>();
    Waiting.until(
        "the event",
        LIMIT,
        () -> {
          events.poll(
              event -> {
                if (event instanceof EditCompleted done) {
                  result.set(done.getResult());
                }
              });
          return result.get() != null;
        });
    return Objects.requireNonNull(result.get());
  }
}
