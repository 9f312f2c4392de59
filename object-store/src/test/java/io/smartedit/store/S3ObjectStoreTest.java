package io.smartedit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smartedit.store.StoreException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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
  void aLinkLetsAnybodyReadThisObjectAlone() throws Exception {
    ObjectName name = new ObjectName("pictures", "shop/a b+\u00fc.png");
    store.ensureBucket("pictures");
    store.write(name, new byte[] {1, 2, 3}, "image/png", Map.of());

    URI link = store.readLink(name, Duration.ofMinutes(5)).orElseThrow();

    assertThat(get(link).body()).containsExactly(1, 2, 3);
    URI other = URI.create(link.toString().replace("shop/", "other/"));
    assertThat(get(other).statusCode()).isEqualTo(403);
    URI unsigned = URI.create(link.toString().replaceAll("\\?.*", ""));
    assertThat(get(unsigned).statusCode()).isNotEqualTo(200);
  }

  @Test
  void aLinkLetsAnybodyWriteAnObjectOfTheSizeThatWasSaid() throws Exception {
    ObjectName name = new ObjectName("pictures", "shop/uploads/b.png");
    store.ensureBucket("pictures");

    URI link = store.writeLink(name, "image/png", 3, Duration.ofMinutes(5)).orElseThrow();

    assertThat(put(link, new byte[4])).isEqualTo(403);
    assertThat(store.metadata(name)).isEmpty();
    assertThat(put(link, new byte[] {4, 5, 6})).isEqualTo(200);
    assertThat(store.read(name, 10)).containsExactly(4, 5, 6);
  }

  private static HttpResponse<byte[]> get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static int put(URI uri, byte[] bytes) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "image/png")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
            .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void aWrongSecretIsTheOperators() {
    try (S3ObjectStore stranger = connect("wrong")) {
      ObjectName name = new ObjectName("images", "a");
      assertKind(Kind.MISCONFIGURED, () -> stranger.read(name, 1));
      assertKind(Kind.MISCONFIGURED, () -> stranger.metadata(name));
      assertKind(
          Kind.MISCONFIGURED, () -> stranger.write(name, new byte[1], "image/png", Map.of()));
    }
  }

  @Test
  void withoutKeysTheyAreFoundAsAwsFindsThem() {
    System.setProperty("AWS_ACCESS_KEY_ID", "local");
    System.setProperty("AWS_SECRET_ACCESS_KEY", "of yesterday");
    try (S3ObjectStore found = connect("", "")) {
      found.ensureBucket("images");
      ObjectName name = new ObjectName("images", "found.png");
      assertKind(Kind.MISCONFIGURED, () -> found.write(name, new byte[1], "image/png", Map.of()));

      System.setProperty("AWS_SECRET_ACCESS_KEY", "secret");

      found.write(name, new byte[1], "image/png", Map.of());
      assertThat(store.read(name, 1)).hasSize(1);
    } finally {
      System.clearProperty("AWS_ACCESS_KEY_ID");
      System.clearProperty("AWS_SECRET_ACCESS_KEY");
    }
  }

  @Test
  void withoutKeysAnywhereTheOperatorIsTold() {
    assumeTrue(System.getenv("AWS_ACCESS_KEY_ID") == null, "there are keys in the environment");
    System.setProperty("AWS_SHARED_CREDENTIALS_FILE", folder.resolve("none").toString());
    System.setProperty("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/");
    try (S3ObjectStore keyless = connect("", "")) {
      assertKind(Kind.MISCONFIGURED, () -> keyless.read(new ObjectName("images", "a"), 1));
    } finally {
      System.clearProperty("AWS_SHARED_CREDENTIALS_FILE");
      System.clearProperty("AWS_CONTAINER_CREDENTIALS_FULL_URI");
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

  private static void assertKind(Kind kind, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private static S3ObjectStore connect(String secret) {
    return connect("local", secret);
  }

  private static S3ObjectStore connect(String access, String secret) {
    return new S3ObjectStore(
        "http://127.0.0.1:" + server.getPort(), access, secret, Duration.ofSeconds(10));
  }
}
