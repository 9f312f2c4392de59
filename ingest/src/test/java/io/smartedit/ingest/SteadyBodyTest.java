package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Bodies that come a little at a time. */
final class SteadyBodyTest {

  private final Semaphore waits = new Semaphore(1);
  private long now;

  /** A client that sends so many bytes, and lets so much time go by before each piece. */
  private InputStream client(int total, int piece, Duration pause) {
    return new InputStream() {
      private int left = total;

      @Override
      public int read() {
        throw new AssertionError("one byte at a time");
      }

      @Override
      public int read(byte[] into, int offset, int length) {
        now += pause.toNanos();
        if (left == 0) {
          return -1;
        }
        int read = Math.min(left, Math.min(piece, length));
        left -= read;
        return read;
      }
    };
  }

  private SteadyBody body(InputStream in) {
    return new SteadyBody(in, -1, waits, () -> now);
  }

  @Test
  void aClientThatDripsIsCutOff() {
    SteadyBody body = body(client(1 << 20, 1, Duration.ofSeconds(1)));

    assertThatThrownBy(body::readAllBytes)
        .isInstanceOf(IOException.class)
        .hasCauseInstanceOf(TimeoutException.class)
        .hasMessageContaining("500 bytes a second");
    assertThat(Duration.ofNanos(now)).isLessThan(SteadyBody.GRACE.plusSeconds(2));
    assertThat(waits.availablePermits()).isEqualTo(1);
  }

  @Property(tries = 50)
  void whoKeepsThePaceIsReadToTheEnd(
      @ForAll @IntRange(min = 1, max = 1000) int pieces,
      @ForAll @IntRange(min = 1, max = 5) int seconds)
      throws IOException {
    int piece = SteadyBody.LEAST_RATE * seconds * 2;
    InputStream in = client(pieces * piece, piece, Duration.ofSeconds(seconds));

    assertThat(body(in).transferTo(OutputStream.nullOutputStream()))
        .isEqualTo((long) pieces * piece);
  }

  @Test
  void aStallWithinTheGraceIsNone() throws IOException {
    assertThat(body(client(10, 10, Duration.ofSeconds(9))).readAllBytes()).hasSize(10);
  }

  @Test
  void whatIsThereAlreadyNeedsNoPermit() throws IOException {
    waits.drainPermits();

    InputStream there = new ByteArrayInputStream(new byte[10]);
    assertThat(new SteadyBody(there, 10, waits, () -> now).readAllBytes()).hasSize(10);
    assertThatThrownBy(body(client(1, 1, Duration.ZERO))::readAllBytes)
        .hasMessageContaining("waited for already");
  }
}
