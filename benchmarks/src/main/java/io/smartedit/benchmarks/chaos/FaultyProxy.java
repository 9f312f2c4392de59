package io.smartedit.benchmarks.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands before an HTTP server on this machine and behaves as badly as it is told. */
final class FaultyProxy implements AutoCloseable {

  private static final int HEAD = 1 << 16;
  private static final int BUFFER = 1 << 12;

  /** More than the head of an answer, less than most images. */
  private static final int CUT = 2500;

  private static final long SLOW_MILLIS = 150;

  /** How connections are treated. */
  enum Mood {
    PASS,
    /** Each piece of 4 kB comes late. */
    SLOW,
    /** Every request is answered with 500. */
    ERROR,
    /** Every request is answered with 503, as a store does that wants fewer of them. */
    BUSY,
    /** Nothing is ever answered. */
    HANG,
    /** Connections are closed at once. */
    GONE,
    /** Connections break in the middle of what the server says. */
    CUT_ANSWERS,
    /** Connections break in the middle of what the client says. */
    CUT_REQUESTS
  }

  private final ServerSocket server;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Mood mood = Mood.PASS;

  /**
   * @param port listened on; 0 for any free one
   * @param target the server's port
   */
  FaultyProxy(int port, int target) throws IOException {
    this.target = target;
    server = new ServerSocket(port, 100, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Changes what happens; connections that are open break. */
  void become(Mood next) {
    mood = next;
    open.forEach(FaultyProxy::close);
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
        Mood now = mood;
        daemon(() -> serve(client, now));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client, Mood now) {
    try {
      switch (now) {
        case GONE -> client.close();
        case HANG -> {
          // The client's patience ends it, or the next mood.
        }
        case ERROR -> refuse(client, "500 Internal Server Error", "InternalError");
        case BUSY -> refuse(client, "503 Slow Down", "SlowDown");
        case PASS, SLOW, CUT_ANSWERS, CUT_REQUESTS -> pass(client, now);
      }
    } catch (IOException e) {
      close(client);
    }
  }

  private static void refuse(Socket client, String status, String code) throws IOException {
    client.getInputStream().read(new byte[HEAD]);
    String body = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code></Error>";
    String answer =
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    client.close();
  }

  private void pass(Socket client, Mood now) throws IOException {
    Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
    open.add(there);
    long all = Long.MAX_VALUE;
    daemon(() -> pump(client, there, now, now == Mood.CUT_REQUESTS ? CUT : all));
    pump(there, client, now, now == Mood.CUT_ANSWERS ? CUT : all);
  }

  private void pump(Socket from, Socket to, Mood now, long most) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[BUFFER];
      long passed = 0;
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        int piece = (int) Math.min(count, most - passed);
        if (now == Mood.SLOW) {
          Thread.sleep(SLOW_MILLIS);
        }
        out.write(buffer, 0, piece);
        out.flush();
        passed += piece;
        if (passed == most) {
          break;
        }
      }
    } catch (IOException e) {
      // one side is gone, so the other goes too
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close(from);
    close(to);
    open.remove(from);
    open.remove(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it is of no more use either way
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "faulty-proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
