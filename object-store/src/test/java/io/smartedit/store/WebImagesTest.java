package io.smartedit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.smartedit.store.StoreException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.SocketFactory;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against an HTTPS server in this process, at port 443 as far as the client knows. */
final class WebImagesTest {

  private static final SourcePolicy POLICY = new SourcePolicy(Set.of(), Set.of("img.example"));
  private static final byte[] IMAGE = new byte[100_000];

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  private static HttpsServer server;
  private static WebImages web;

  @BeforeAll
  static void start() throws IOException {
    HeldCertificate own =
        new HeldCertificate.Builder().addSubjectAlternativeName("img.example").build();
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(own)
            .addTrustedCertificate(own.certificate())
            .build();
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificates.sslContext()));
    server.setExecutor(THREADS); // else one silent answer holds up the next ones
    server.createContext("/", WebImagesTest::answer);
    server.start();
    web =
        new WebImages(
            POLICY,
            new OkHttpClient.Builder()
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .socketFactory(new ToServer())
                .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
                .readTimeout(Duration.ofMillis(500))
                .build());
  }

  @AfterAll
  static void stop() {
    web.close();
    server.stop(0);
    THREADS.shutdownNow();
  }

  @Test
  void aImageIsReadWhole() {
    assertThat(web.read("https://img.example/picture", IMAGE.length)).isEqualTo(IMAGE);
    assertThat(web.read("https://img.example/chunked", IMAGE.length)).isEqualTo(IMAGE);
    assertThat(web.read("https://img.example/moved", IMAGE.length)).isEqualTo(IMAGE);
  }

  @ParameterizedTest
  @CsvSource({
    "https://img.example/none, NOT_FOUND, HTTP 404",
    "https://img.example/forbidden, DENIED, HTTP 403",
    "https://img.example/busy, UNAVAILABLE, HTTP 503",
    "https://img.example/silent, UNAVAILABLE, does not answer",
    "https://img.example/cut, UNAVAILABLE, does not answer",
    "https://img.example/away, DENIED, host elsewhere.example is not among",
    "https://img.example/down, DENIED, is not of the form",
    "https://img.example/circle, DENIED, redirects more than",
    "https://elsewhere.example/picture, DENIED, is not among",
  })
  void whatCannotBeReadSaysWhy(String source, Kind kind, String said) {
    assertThatThrownBy(() -> web.read(source, IMAGE.length))
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(said);
  }

  @ParameterizedTest
  @CsvSource({"picture", "chunked"})
  void tooMuchIsRefused(String path) {
    assertThatThrownBy(() -> web.read("https://img.example/" + path, IMAGE.length - 1))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
  }

  @ParameterizedTest
  @CsvSource({"drops", "headers"})
  void whoSendsADropNowAndThenIsCutOff(String path) {
    Duration limit = Duration.ofSeconds(1);

    assertThatThrownBy(() -> web.read("https://img.example/" + path, IMAGE.length, limit))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
        .hasMessageContaining("did not send it within 1.0 s");
  }

  @Test
  void aCertificateThatNobodyTrustsIsRefused() {
    try (WebImages strict =
        new WebImages(
            POLICY,
            new OkHttpClient.Builder()
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .socketFactory(new ToServer())
                .build())) {
      assertThatThrownBy(() -> strict.read("https://img.example/picture", IMAGE.length))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED))
          .hasMessageContaining("certificate");
    }
  }

  @Test
  void aNameThatLeadsInsideIsRefused() {
    SourcePolicy local = new SourcePolicy(Set.of(), Set.of("localhost"));
    try (WebImages guarded = new WebImages(local, Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> guarded.read("https://localhost/", 1))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED))
          .hasMessageContaining("not on the open internet");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "93.184.216.34, true",
    "2606:2800:220:1::1, true",
    "10.1.2.3, false",
    "172.16.0.1, false",
    "192.168.1.1, false",
    "127.0.0.2, false",
    "169.254.169.254, false",
    "100.64.0.1, false",
    "0.0.0.0, false",
    "192.0.0.8, false",
    "198.18.0.1, false",
    "224.0.0.1, false",
    "255.255.255.255, false",
    "::1, false",
    "::ffff:10.0.0.1, false",
    "fe80::1, false",
    "fd00::1, false",
    "fec0::1, false",
    "64:ff9b::a00:1, false",
    "2002:a00:1::1, false",
    "2001::1, false",
    "ff02::1, false",
  })
  void onlyTheOpenInternetIsPublic(String address, boolean expected) throws IOException {
    assertThat(PublicAddresses.isPublic(InetAddress.getByName(address))).isEqualTo(expected);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestURI().getPath()) {
        case "/picture" -> send(exchange, IMAGE.length);
        case "/chunked" -> send(exchange, 0);
        case "/cut" -> {
          exchange.sendResponseHeaders(200, IMAGE.length);
          exchange.getResponseBody().write(1);
        }
        case "/drops" -> drops(exchange);
        case "/headers" -> {
          sleep(300);
          redirect(exchange, "/headers");
        }
        case "/moved" -> redirect(exchange, "/picture");
        case "/away" -> redirect(exchange, "https://elsewhere.example/picture");
        case "/down" -> redirect(exchange, "https://img.example:8443/image");
        case "/circle" -> redirect(exchange, "/circle");
        case "/forbidden" -> exchange.sendResponseHeaders(403, -1);
        case "/busy" -> exchange.sendResponseHeaders(503, -1);
        case "/silent" -> sleep(1500);
        default -> exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private static void send(HttpExchange exchange, long length) throws IOException {
    exchange.sendResponseHeaders(200, length);
    exchange.getResponseBody().write(IMAGE);
  }

  private static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().add("Location", location);
    exchange.sendResponseHeaders(302, -1);
  }

  private static void drops(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, IMAGE.length);
    for (byte drop : IMAGE) {
      exchange.getResponseBody().write(drop);
      exchange.getResponseBody().flush();
      sleep(50);
    }
  }

  /** The server's slowness, which is what is tested. */
  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Every connection leads to the server. */
  private static final class ToServer extends SocketFactory {
    @Override
    public Socket createSocket() {
      return new Socket() {
        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
          super.connect(server.getAddress(), timeout);
        }
      };
    }

    @Override
    public Socket createSocket(String host, int port) {
      return createSocket();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      return createSocket();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
      return createSocket();
    }
  }
}
