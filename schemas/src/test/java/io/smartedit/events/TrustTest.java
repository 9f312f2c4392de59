package io.smartedit.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A client may build an event before it makes a serializer. */
final class TrustTest {

  @Test
  void anEventIsBuiltInAProcessThatHasNothingElseOfOurs() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                First.class.getName())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).endsWith("built r-1");
  }

  /** The process. */
  static final class First {

    private First() {}

    public static void main(String[] arguments) {
      EditRequested request =
          EditRequested.newBuilder()
              .setRequestId("r-1")
              .setSource("s3://pictures/a.png")
              .setInstruction("remove the cat")
              .setOptions(EditSettings.newBuilder().setSteps(4).build())
              .setRequestedAt(Instant.EPOCH)
              .build();
      System.out.println("built " + request.getRequestId());
    }
  }
}
