package io.smartedit.ingest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A queue of bytes between two threads that lies in a temporary file, so that whoever writes need
 * not wait until somebody reads, and memory does not grow meanwhile. One thread writes and
 * finishes, another sends.
 */
final class VerdictSpool implements AutoCloseable {

  private static final int CHUNK = 1 << 16;

  private final long capacity;
  private final FileChannel file;
  private long written;
  private long sent;
  private boolean finished;
  private boolean abandoned;
  private @Nullable IOException failure;

  /**
   * @param capacity bytes that may lie unsent; a writer waits where there is no room for more
   */
  VerdictSpool(long capacity) throws IOException {
    this.capacity = capacity;
    Path path = Files.createTempFile("smartedit-verdicts-", null);
    file =
        FileChannel.open(
            path,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  /**
   * Adds bytes, or answers false where that is of no use any more: nobody sends them, or they
   * cannot be kept ({@link #failure}).
   */
  synchronized boolean write(byte[] bytes) {
    awaitUntil(() -> written - sent < capacity || abandoned);
    if (abandoned || failure != null) {
      return false;
    }
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        file.write(buffer, written + buffer.position());
      }
    } catch (IOException e) {
      failure = e;
      return false;
    }
    written += bytes.length;
    notifyAll();
    return true;
  }

  /** Why bytes could not be kept, if so. */
  synchronized Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  /** Says that nothing more comes. */
  synchronized void finish() {
    finished = true;
    notifyAll();
  }

  /** Sends everything until it is finished, at the pace of whoever receives it. */
  void sendTo(OutputStream receiver) throws IOException {
    try {
      byte[] chunk = new byte[CHUNK];
      for (int length = next(chunk); length > 0; length = next(chunk)) {
        receiver.write(chunk, 0, length);
        if (isDrained()) {
          receiver.flush();
        }
      }
    } finally {
      abandon();
    }
  }

  /** Waits for bytes and takes some; 0 where there are none any more. */
  private synchronized int next(byte[] chunk) throws IOException {
    awaitUntil(() -> written > sent || finished);
    int length = (int) Math.min(chunk.length, written - sent);
    ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, length);
    while (buffer.hasRemaining() && file.read(buffer, sent + buffer.position()) >= 0) {}
    sent += length;
    if (sent == written) { // the file need not grow
      sent = 0;
      written = 0;
    }
    notifyAll();
    return length;
  }

  private synchronized boolean isDrained() {
    return sent == written;
  }

  private synchronized void abandon() {
    abandoned = true;
    notifyAll();
  }

  private synchronized void awaitUntil(BooleanSupplier done) {
    try {
      while (!done.getAsBoolean()) {
        wait();
      }
    } catch (InterruptedException e) { // the service ends
      Thread.currentThread().interrupt();
      abandoned = true;
      finished = true;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
