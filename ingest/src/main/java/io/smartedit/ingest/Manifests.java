package io.smartedit.ingest;

import io.smartedit.service.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The manifests that are being answered, a bounded number of them.
 *
 * <p>Verdicts go out while lines come in, to a client that reads them. Many clients send everything
 * before they read anything; were they written by the thread that reads the lines, either side
 * would soon wait for the other. So one thread reads lines and judges them, another sends verdicts,
 * and between them lies a {@link VerdictSpool}. Thread-safe.
 */
final class Manifests implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Manifests.class);
  private static final int AT_ONCE = 16;
  private static final long MAX_UNSENT = 1L << 30;
  private static final byte[] LOST =
      last(
          Problem.unavailable(
              0, "Verdicts could not be kept; send the lines that have none again."));
  private static final byte[] LATE =
      last(
          new Problem(
              408,
              "request timeout",
              "Lines did not come in time; send those that have no verdict again.",
              null));

  private final Semaphore room = new Semaphore(AT_ONCE);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService senders =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "verdicts");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Judges a manifest and answers it. A client that goes away in the middle ends it; what was
   * accepted until then stays accepted.
   *
   * @throws Problem 503 where too many are being answered
   */
  void answer(Manifest manifest, InputStream lines, OutputStream answers) {
    if (!room.tryAcquire()) {
      throw Problem.unavailable(5, "There are " + AT_ONCE + " manifests under way already.");
    }
    try (VerdictSpool spool = spool()) {
      Future<?> sending =
          senders.submit(
              () -> {
                spool.sendTo(answers);
                return null;
              });
      try {
        manifest.judge(lines, spool::write, this::rest);
        lines.transferTo(OutputStream.nullOutputStream()); // a client reads when all is sent
      } finally {
        spool.finish();
        await(sending);
      }
      if (spool.failure().isPresent()) {
        LOG.error("verdicts of a manifest cannot be kept", spool.failure().get());
        answers.write(LOST);
      }
    } catch (IOException e) {
      LOG.info("a manifest broke off: {}", e.toString());
      if (e.getCause() instanceof TimeoutException) {
        tell(answers);
      }
    } finally {
      room.release();
    }
  }

  /** A verdict on what has no line. */
  private static byte[] last(Problem problem) {
    return "{\"line\":0,\"status\":%d,\"problem\":%s}\n"
        .formatted(problem.status(), problem.toJson())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void tell(OutputStream answers) {
    try {
      answers.write(LATE);
    } catch (IOException e) {
      LOG.debug("the client has gone", e);
    }
  }

  private void rest(long seconds) throws IOException {
    try {
      if (closing.await(seconds, TimeUnit.SECONDS)) {
        throw new IOException("the service ends");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a manifest waits", e);
    }
  }

  private static VerdictSpool spool() {
    try {
      return new VerdictSpool(MAX_UNSENT);
    } catch (IOException e) {
      LOG.error("no temporary file for the verdicts of a manifest", e);
      throw Problem.unavailable(30, "Verdicts cannot be kept here at present.");
    }
  }

  private static void await(Future<?> sending) throws IOException {
    try {
      sending.get();
    } catch (ExecutionException e) {
      throw new IOException("verdicts could not be sent: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while verdicts are sent", e);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    senders.shutdownNow();
  }
}
