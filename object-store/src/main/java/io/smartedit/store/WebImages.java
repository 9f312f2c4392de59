package io.smartedit.store;

import io.smartedit.store.PublicAddresses.PrivateAddressException;
import io.smartedit.store.StoreException.Kind;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Images on the web, read over HTTPS from the hosts that a policy allows. A name that leads to a
 * private, loopback or link-local address is refused where it is resolved, so that what was checked
 * is what is connected to; every redirect is checked anew. Proxies are not used. Thread-safe; does
 * not retry.
 */
public final class WebImages implements AutoCloseable {

  private static final int REDIRECTS = 5;
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final OkHttpClient http;
  private final SourcePolicy policy;

  /**
   * @param timeout for connecting, and for every silence of the other side
   */
  public WebImages(SourcePolicy policy, Duration timeout) {
    this(
        policy,
        new OkHttpClient.Builder()
            .dns(new PublicAddresses())
            .connectTimeout(timeout)
            .readTimeout(timeout)
            .build());
  }

  WebImages(SourcePolicy policy, OkHttpClient http) {
    this.policy = policy;
    this.http =
        http.newBuilder()
            .proxy(Proxy.NO_PROXY)
            .retryOnConnectionFailure(false) // the caller does
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
  }

  /**
   * Reads a whole image, for two minutes at most.
   *
   * @param maxBytes more than this is refused as soon as it is known
   * @throws StoreException of any kind; {@code DENIED} also for what the policy does not allow
   */
  public byte[] read(String source, long maxBytes) {
    return read(source, maxBytes, LONGEST);
  }

  /**
   * As the other.
   *
   * @param limit for all of it, redirects included: who sends a drop now and then is cut off
   */
  public byte[] read(String source, long maxBytes, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    String at = source;
    for (int redirects = 0; redirects <= REDIRECTS; redirects++) {
      URI uri = allowed(at);
      Call call = http.newCall(new Request.Builder().url(uri.toString()).build());
      call.timeout().timeout(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      try (Response response = call.execute()) {
        if (!response.isRedirect()) {
          return body(uri, response, maxBytes);
        }
        at = target(call.request().url(), response);
      } catch (IOException e) {
        throw failure(uri, e, System.nanoTime() - end >= 0 ? limit : null);
      }
    }
    throw new StoreException(Kind.DENIED, source + " redirects more than " + REDIRECTS + " times");
  }

  private static StoreException failure(URI uri, IOException e, @Nullable Duration passed) {
    if (e instanceof PrivateAddressException) {
      return new StoreException(Kind.DENIED, uri.getHost() + " is not on the open internet", e);
    }
    if (e instanceof SSLPeerUnverifiedException || e.getCause() instanceof CertificateException) {
      return new StoreException(
          Kind.DENIED, "the certificate of " + uri.getHost() + " is not trusted", e);
    }
    String fault =
        passed == null
            ? " does not answer properly"
            : " did not send it within " + passed.toMillis() / 1000.0 + " s";
    return new StoreException(Kind.UNAVAILABLE, uri.getHost() + fault, e);
  }

  private URI allowed(String source) {
    try {
      return policy.web(source);
    } catch (IllegalArgumentException e) {
      throw new StoreException(Kind.DENIED, String.valueOf(e.getMessage()), e);
    }
  }

  private static String target(HttpUrl from, Response response) {
    String location = response.header("Location", "");
    HttpUrl target = from.resolve(String.valueOf(location));
    if (target == null) {
      throw new StoreException(Kind.DENIED, from.host() + " redirects to no web address");
    }
    return target.toString();
  }

  private static byte[] body(URI uri, Response response, long maxBytes) throws IOException {
    int status = response.code();
    if (status != 200) {
      Kind kind =
          switch (status) {
            case 404, 410 -> Kind.NOT_FOUND;
            case 408, 425, 429 -> Kind.UNAVAILABLE;
            default -> status >= 500 ? Kind.UNAVAILABLE : Kind.DENIED;
          };
      throw new StoreException(kind, uri + ": HTTP " + status);
    }
    long declared = response.body().contentLength();
    if (declared <= maxBytes) {
      int most = (int) Math.min(maxBytes + 1, Integer.MAX_VALUE - 8);
      byte[] bytes = response.body().byteStream().readNBytes(most);
      if (bytes.length <= maxBytes) {
        return bytes;
      }
    }
    throw StoreException.tooLarge(uri.toString(), maxBytes, declared);
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
