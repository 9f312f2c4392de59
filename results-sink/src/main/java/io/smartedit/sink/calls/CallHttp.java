package io.smartedit.sink.calls;

import io.smartedit.store.PublicAddresses.PrivateAddressException;
import java.io.IOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client of calls to others. It follows no redirect, uses no proxy, reads no more than the
 * beginning of an answer, and ends every call in time. Thread-safe.
 */
public final class CallHttp implements AutoCloseable {

  private static final int MOST_BODY = 64 << 10;
  private static final int AT_ONCE = 1024; // who calls counts its own

  private final OkHttpClient http;

  /**
   * @param names resolves hosts, and refuses those that are not to be called
   * @param timeout of a whole call
   */
  public CallHttp(Dns names, Duration timeout) {
    http =
        new OkHttpClient.Builder()
            .dns(names)
            .proxy(Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .connectTimeout(timeout)
            .callTimeout(timeout)
            .build();
    http.dispatcher().setMaxRequests(AT_ONCE);
    http.dispatcher().setMaxRequestsPerHost(AT_ONCE);
  }

  /** Begins a call; the reply comes on another thread. */
  void send(Request request, Consumer<Reply> reply) {
    long begun = System.nanoTime();
    http.newCall(request)
        .enqueue(
            new Callback() {
              @Override
              public void onFailure(Call call, IOException e) {
                reply.accept(failure(e, since(begun)));
              }

              @Override
              public void onResponse(Call call, Response response) {
                reply.accept(answer(response, begun));
              }
            });
  }

  private static Reply answer(Response response, long begun) {
    try (response) {
      byte[] body = response.body().byteStream().readNBytes(MOST_BODY);
      return new Reply(
          response.code(),
          body,
          retryAfter(response.header("Retry-After")),
          null,
          false,
          since(begun));
    } catch (IOException e) {
      return failure(e, since(begun));
    }
  }

  private static Reply failure(IOException e, Duration took) {
    boolean refused = e instanceof PrivateAddressException;
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new Reply(0, new byte[0], null, message, refused, took);
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static @Nullable Duration retryAfter(@Nullable String seconds) {
    return seconds != null && seconds.matches("[0-9]{1,6}")
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : null;
  }

  @Override
  public void close() {
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
