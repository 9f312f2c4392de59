package io.smartedit.provenance;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;

/**
 * A server that signs when something was there (RFC 3161, over HTTP). Thread-safe; does not retry.
 */
public final class TimestampAuthority {

  private static final int MAX_ANSWER = 32 << 10;
  private static final String QUERY = "application/timestamp-query";
  private static final int OK = 200;
  private static final int NONCE_BITS = 64;

  private final URI uri;
  private final Duration timeout;
  private final HttpClient http;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param uri of HTTP or HTTPS; the answers themselves are signed
   * @param timeout for all of a request
   * @throws IllegalArgumentException where the address is no such address
   */
  public TimestampAuthority(URI uri, Duration timeout) {
    String scheme = String.valueOf(uri.getScheme());
    if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null) {
      throw new IllegalArgumentException("'" + uri + "' is not an http or https address");
    }
    this.uri = uri;
    this.timeout = timeout;
    this.http = HttpClient.newBuilder().connectTimeout(timeout).build();
  }

  /**
   * A token for a message, checked.
   *
   * @throws TimestampException where the authority does not give one in time
   */
  byte[] stamp(byte[] message) throws InterruptedException {
    try {
      TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
      generator.setCertReq(true);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(message);
      TimeStampRequest request =
          generator.generate(TSPAlgorithms.SHA256, digest, new BigInteger(NONCE_BITS, random));
      return token(request, ask(request.getEncoded()), message);
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("a request of ours can be written", e);
    }
  }

  private byte[] token(TimeStampRequest request, byte[] answer, byte[] message) {
    try {
      TimeStampResponse response = new TimeStampResponse(answer);
      response.validate(request);
      if (response.getTimeStampToken() == null) {
        throw new TimestampException(
            uri
                + " gives no time-stamp: status "
                + response.getStatus()
                + ", "
                + response.getStatusString());
      }
      byte[] token = response.getTimeStampToken().getEncoded();
      TimestampToken.verify(token, message);
      return token;
    } catch (TSPException | IOException | MalformedManifestException e) {
      throw new TimestampException(uri + " answers with no time-stamp: " + e.getMessage(), e);
    } catch (IllegalArgumentException | IllegalStateException | ClassCastException e) {
      // This is how BouncyCastle says that ASN.1 is not what was wanted.
      throw new TimestampException(uri + " answers with no time-stamp", e);
    }
  }

  private byte[] ask(byte[] query) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", QUERY)
            .timeout(timeout)
            .POST(HttpRequest.BodyPublishers.ofByteArray(query))
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, ignored -> new BoundedBody(MAX_ANSWER));
    try {
      // The request's own timeout ends with the headers.
      HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != OK) {
        throw new TimestampException(uri + " answers with HTTP " + response.statusCode());
      }
      return response.body();
    } catch (TimeoutException e) {
      throw new TimestampException(uri + " gave no answer within " + timeout, e);
    } catch (ExecutionException e) {
      throw new TimestampException(uri + " gave no answer: " + e.getCause(), e);
    } finally {
      answer.cancel(true);
    }
  }
}
