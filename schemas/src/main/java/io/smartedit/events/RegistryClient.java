package io.smartedit.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.smartedit.events.RegistryException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to a schema registry behind one or several addresses. An address that does not answer,
 * or answers that it cannot now, is left for the next one; when all were asked in vain they are
 * asked again after a growing pause, four times in all. Answers are bounded in time and in bytes.
 * Thread-safe.
 */
final class RegistryClient {

  private static final int ROUNDS = 4;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final int LARGEST_ANSWER = 8 << 20;
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> addresses;
  private final @Nullable String authorization;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private volatile int preferred;

  /**
   * @param status HTTP's
   * @param json missing where the body is none
   */
  record Answer(int status, JsonNode json) {

    boolean isDone() {
      return status == 200;
    }

    /** The registry's own code, as 40403, or 0. */
    int errorCode() {
      return json.path("error_code").asInt();
    }

    /** What the registry says, for a person; one line. */
    String says() {
      String message = json.path("message").asText("").lines().findFirst().orElse("");
      return "HTTP " + status + (message.isEmpty() ? "" : ": " + message);
    }
  }

  RegistryClient(List<String> addresses, @Nullable String userInfo) {
    this.addresses = addresses;
    authorization =
        userInfo == null
            ? null
            : "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  Answer get(String path) {
    return ask(path, null);
  }

  Answer post(String path, JsonNode body) {
    return ask(path, body.toString());
  }

  /**
   * @throws RegistryException {@code UNAVAILABLE} where none answers, {@code MISCONFIGURED} where
   *     one is not trusted
   */
  private Answer ask(String path, @Nullable String body) {
    Duration pause = FIRST_PAUSE;
    for (int round = 1; ; round++) {
      RegistryException failure = null;
      for (int i = 0; i < addresses.size(); i++) {
        int at = (preferred + i) % addresses.size();
        String address = addresses.get(at);
        try {
          Answer answer = send(address, path, body);
          if (RegistryErrors.ofRegistration(answer.status()) != Kind.UNAVAILABLE) {
            preferred = at;
            return answer;
          }
          failure =
              new RegistryException(
                  Kind.UNAVAILABLE, "schema registry at " + address + ": " + answer.says());
        } catch (IOException e) {
          failure = unreachable(address, e);
        }
      }
      if (failure != null && round == ROUNDS) {
        throw failure;
      }
      pause = rest(pause);
    }
  }

  private Answer send(String address, String path, @Nullable String body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(TIMEOUT)
            .header("Accept", MEDIA_TYPE + ", application/json")
            .header("Content-Type", MEDIA_TYPE);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    CompletableFuture<HttpResponse<byte[]>> sent =
        http.sendAsync(request.build(), head -> new Bounded());
    try {
      // The request's own timeout ends with the answer's head.
      HttpResponse<byte[]> response = sent.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(response.statusCode(), json(response.body()));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no whole answer within " + TIMEOUT.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      sent.cancel(true);
    }
  }

  private static JsonNode json(byte[] bytes) throws IOException {
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private static RegistryException unreachable(String address, IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        throw new RegistryException(
            Kind.MISCONFIGURED, "the certificate of " + address + " is not trusted", e);
      }
    }
    return new RegistryException("schema registry at " + address + " cannot be reached", e);
  }

  private static Duration rest(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return pause.multipliedBy(2);
  }

  private static RegistryException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new RegistryException("interrupted while asking the schema registry", e);
  }

  /** A body in the heap, given up where it is larger than any schema. */
  private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {

    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletableFuture<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      for (ByteBuffer part : parts) {
        byte[] chunk = new byte[part.remaining()];
        part.get(chunk);
        bytes.writeBytes(chunk);
      }
      if (bytes.size() > LARGEST_ANSWER && subscription != null) {
        subscription.cancel();
        onError(new IOException("the answer has more than " + LARGEST_ANSWER + " bytes"));
      }
    }

    @Override
    public void onError(Throwable cause) {
      body.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
