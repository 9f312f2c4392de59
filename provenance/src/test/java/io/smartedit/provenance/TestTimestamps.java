package io.smartedit.provenance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.smartedit.provenance.TestAuthority.Wanted;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/** A time-stamping authority in the test's process, which can be told to misbehave. */
final class TestTimestamps implements AutoCloseable {

  private static final String SHA1 = "1.3.14.3.2.26";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final KeyPair keys = TestAuthority.keys("P-256");
  private final X509Certificate certificate;

  /** What is done with a request. */
  interface Answer {
    void give(HttpExchange exchange, byte[] request) throws Exception;
  }

  TestTimestamps(TestAuthority authority, Answer answer) throws IOException {
    certificate =
        authority.issue(
            new Wanted("CN=Time,O=Test", keys).withPurpose(KeyPurposeId.id_kp_timeStamping));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answer.give(exchange, exchange.getRequestBody().readAllBytes());
          } catch (IOException e) {
            throw e;
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
    server.start();
  }

  /** One that behaves. */
  static TestTimestamps of(TestAuthority authority) throws IOException {
    TestTimestamps[] self = new TestTimestamps[1];
    self[0] =
        new TestTimestamps(
            authority, (exchange, request) -> send(exchange, self[0].stamp(request)));
    return self[0];
  }

  static void send(HttpExchange exchange, byte[] body) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "application/timestamp-reply");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  URI uri() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getHostString() + ":" + address.getPort() + "/tsa");
  }

  byte[] stamp(byte[] request) throws Exception {
    DigestCalculator digest =
        new JcaDigestCalculatorProviderBuilder()
            .build()
            .get(new AlgorithmIdentifier(new ASN1ObjectIdentifier(SHA1)));
    TimeStampTokenGenerator tokens =
        new TimeStampTokenGenerator(
            new JcaSimpleSignerInfoGeneratorBuilder()
                .build("SHA256withECDSA", keys.getPrivate(), certificate),
            digest,
            new ASN1ObjectIdentifier("1.2.3.4"));
    tokens.addCertificates(new JcaCertStore(List.of(certificate)));
    return new TimeStampResponseGenerator(tokens, TSPAlgorithms.ALLOWED)
        .generate(
            new TimeStampRequest(request), BigInteger.ONE, Date.from(TestAuthority.CLOCK.instant()))
        .getEncoded();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
