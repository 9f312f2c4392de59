package io.smartedit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.store.StoreException.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over the wire, against a real S3 server. */
final class S3ObjectStoreTest implements ObjectStoreContract {

  @TempDir private static Path folder = Path.of("");

  private static S3Proxy server;
  private static S3ObjectStore store;

  @BeforeAll
  static void start() throws Exception {
    server =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(folder.toString()))
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "local", "secret")
            .build();
    server.start();
    store = connect("secret");
  }

  @AfterAll
  static void stop() throws Exception {
    store.close();
    server.stop();
  }

  @Override
  public ObjectStore store() {
    return store;
  }

  @Test
  void aWrongKeyIsDenied() {
    try (S3ObjectStore stranger = connect("wrong")) {
      assertThatThrownBy(() -> stranger.read(new ObjectName("pictures", "a"), 1))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED));
    }
  }

  @Test
  void aStoreThatIsGoneIsUnavailable() {
    try (S3ObjectStore gone =
        new S3ObjectStore("http://127.0.0.1:9", "a", "b", Duration.ofSeconds(2))) {
      assertThatThrownBy(() -> gone.read(new ObjectName("pictures", "a"), 1))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    }
  }

  private static S3ObjectStore connect(String secret) {
    return new S3ObjectStore(
        "http://127.0.0.1:" + server.getPort(), "local", secret, Duration.ofSeconds(10));
  }
}
