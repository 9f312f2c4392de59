package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.provenance.ContentCredentials;
import io.smartedit.provenance.SigningKeyException;
import io.smartedit.provenance.TrustAnchors;
import io.smartedit.provenance.Verdict;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.SmartEditImageEditor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stream whose worker is told to sign. */
final class SignedStreamTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Path KEYS = Path.of("src/test/resources/credentials");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path folder = Path.of("");

  private LocalStream start(String certificates) throws IOException {
    return LocalStream.start(
        folder,
        new SmartEditImageEditor(SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)),
        "toy",
        Map.of(
            "provenance.key",
            KEYS.resolve("signer.key").toString(),
            "provenance.certificates",
            KEYS.resolve(certificates).toString()));
  }

  @Test
  void resultsAreSignedAndTheirSourcesCredentialsSaid() throws Exception {
    try (LocalStream stream = start("signer.pem");
        S3ObjectStore store = stream.endpoints().store();
        EventStream events = new EventStream(stream.endpoints(), false);
        Requests requests = new Requests(stream.endpoints())) {
      await("the stream").atMost(LIMIT).until(stream::isReady);
      store.write(
          inbox("plain.png"), Files.readAllBytes(TOY.resolve("source.png")), "image/png", Map.of());

      requests.send(request("r-1", inbox("plain.png")));
      EditResult first = result("r-1", events);
      requests.send(request("r-2", ObjectName.parse(first.getOutput())));
      EditResult second = result("r-2", events);
      byte[] whole = image(store, first);
      byte[] broken =
          Arrays.copyOf(whole, whole.length + 1); // can be read, and is not what was signed
      store.write(inbox("broken.png"), broken, "image/png", Map.of());
      requests.send(request("r-3", inbox("broken.png")));
      EditResult third = result("r-3", events);

      assertThat(first.getSourceCredentials()).isEqualTo("absent");
      assertThat(second.getSourceCredentials()).isEqualTo("intact");
      assertThat(third.getSourceCredentials()).isEqualTo("broken: assertion.dataHash.mismatch");
      for (EditResult result : new EditResult[] {first, second, third}) {
        assertSigned(image(store, result));
      }
      assertThat(new String(image(store, second), StandardCharsets.ISO_8859_1))
          .contains("plain.png", "io.smartedit.request", "r-1", "r-2", "toy");
    }
  }

  @Test
  void aKeyThatCannotSignStopsTheWorkerAtItsStart() {
    assertThatThrownBy(() -> start("root.pem").close())
        .isInstanceOf(SigningKeyException.class)
        .hasMessageContaining("root.pem: the certificate of");
  }

  private static void assertSigned(byte[] image) throws IOException {
    Verdict verdict =
        ContentCredentials.verify(
            image, TrustAnchors.read(KEYS.resolve("root.pem")), Clock.systemUTC());
    assertThat(verdict.failures()).isEmpty();
    assertThat(verdict.summary()).isEqualTo("intact");
    assertThat(verdict.trust()).isEqualTo(Verdict.Trust.TRUSTED);
  }

  private static byte[] image(S3ObjectStore store, EditResult result) {
    byte[] image = store.read(ObjectName.parse(result.getOutput()), 1 << 20);
    assertThat(image).hasSize((int) result.getBytes());
    return image;
  }

  private static EditResult result(String id, EventStream events) {
    AtomicReference<EditResult> result = new AtomicReference<>();
    await("an event of " + id)
        .atMost(LIMIT)
        .until(
            () -> {
              events.poll(
                  event -> {
                    if (event instanceof EditCompleted done && done.getRequestId().equals(id)) {
                      result.set(done.getResult());
                    }
                  });
              return result.get() != null;
            });
    return Objects.requireNonNull(result.get());
  }

  private static ObjectName inbox(String name) {
    return new ObjectName(LocalStream.INBOX, name);
  }

  private static EditRequested request(String id, ObjectName source) {
    return EditRequested.newBuilder()
        .setRequestId(id)
        .setSource(source.toString())
        .setInstruction("remove the smaller cat")
        .setOptions(EditSettings.newBuilder().setSteps(2).setSize(64).build())
        .setRequestedAt(Instant.ofEpochMilli(System.currentTimeMillis()))
        .build();
  }
}
