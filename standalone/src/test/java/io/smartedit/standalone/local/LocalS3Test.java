package io.smartedit.standalone.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The S3 server of {@code up}, with MinIO's client and with boto3. */
final class LocalS3Test {

  @TempDir private Path folder = Path.of("");

  private LocalS3 server;
  private S3ObjectStore store;

  @BeforeEach
  void start() throws IOException {
    server = LocalS3.start(folder, 0);
    store =
        new S3ObjectStore(
            server.endpoint(), LocalS3.ACCESS_KEY, LocalS3.SECRET_KEY, Duration.ofSeconds(10));
    store.ensureBucket("pictures");
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b+c%d%20e.png", "Gr\u00fc\u00dfe/\u00c4.png", "\ud83d\ude00.png"})
  void everyKeyIsItsOwn(String key) {
    ObjectName name = new ObjectName("pictures", key);
    ObjectName other = new ObjectName("pictures", key.replace('+', ' ').replace("%20", " "));

    store.write(name, new byte[] {1}, "image/png", Map.of());
    if (!other.equals(name)) {
      store.write(other, new byte[] {2}, "image/png", Map.of());
    }

    assertThat(store.read(name, 10)).containsExactly(1);
  }

  @Test
  void whatNoFileCanHoldIsRefusedAndNothingBreaks() {
    store.write(new ObjectName("pictures", "a"), new byte[1], "image/png", Map.of());

    for (String key : List.of("a/b", "k".repeat(300))) {
      ObjectName name = new ObjectName("pictures", key);
      assertThatThrownBy(() -> store.write(name, new byte[1], "image/png", Map.of()))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.kind()).isNotEqualTo(StoreException.Kind.UNAVAILABLE));
    }
  }

  @Test
  void boto3DoesEverythingByItsDefaults() throws Exception {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    assumeTrue(run(python, "-c", "import boto3") == 0, "there is no boto3 for " + python);

    int code =
        run(
            python,
            "src/test/python/s3_client.py",
            server.endpoint(),
            LocalS3.ACCESS_KEY,
            LocalS3.SECRET_KEY,
            "pictures");

    assertThat(code).as(Files.readString(output())).isZero();
  }

  private Path output() {
    return folder.resolve("python.log");
  }

  private int run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(List.of(command))
          .redirectErrorStream(true)
          .redirectOutput(output().toFile())
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1; // no such program
    }
  }
}
