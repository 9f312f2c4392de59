package io.smartedit.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands before an HTTP server and behaves as badly as it is told. */
final class FlakyProxy implements AutoCloseable {

  /** How connections are treated. */
  enum Mood {
    PASS,
    /** Every request is answered with 500. */
    ERROR,
    /** Nothing is ever answered. */
    HANG,
    /** Connections are closed at once. */
    GONE
  }

  private final ServerSocket server;
  private final URI target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Mood mood = Mood.PASS;

  FlakyProxy(String target) throws IOException {
    this.target = URI.create(target);
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Changes what happens; connections that are open are closed. */
  void become(Mood next) {
    mood = next;
    open.forEach(FlakyProxy::close);
    open.clear();
  }

  @Override
  public void close() throws IOException {
    server.close();
    become(Mood.GONE);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        daemon(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try {
      switch (mood) {
        case GONE -> client.close();
        case HANG -> {
          // The client's patience ends it, or the next mood.
        }
        case ERROR -> {
          client.getInputStream().read(new byte[1 << 16]);
          client
              .getOutputStream()
              .write(
                  "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
          client.close();
        }
        case PASS -> {
          Socket there = new Socket(target.getHost(), target.getPort());
          open.add(there);
          daemon(() -> pump(client, there));
          pump(there, client);
        }
      }
    } catch (IOException e) {
      close(client);
    }
  }

  private static void pump(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1 << 14];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        out.flush();
      }
    } catch (IOException e) {
      // one side is gone, so the other goes too
    }
    close(from);
    close(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "flaky-proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
