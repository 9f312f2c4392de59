package io.smartedit.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.provenance.TestImages.Format;
import io.smartedit.provenance.TestTimestamps.Answer;
import io.smartedit.provenance.Verdict.State;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimestampAuthorityTest {

  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final byte[] MESSAGE = {1, 2, 3};

  private static byte[] sign(Format format, URI uri) throws InterruptedException {
    byte[] image = TestImages.noise(format, 9, 9, 1);
    return new ContentCredentials(
            new SoftwareAgent("SmartEdit Test", "1.0"),
            AUTHORITY.signingKey("P-256"),
            new TimestampAuthority(uri, Duration.ofSeconds(20)),
            TestAuthority.CLOCK)
        .sign(
            image,
            new Edit(
                "mini",
                1,
                null,
                DigitalSourceType.TRAINED_ALGORITHMIC_MEDIA,
                Source.of("source", image, TestAuthority.CLOCK)));
  }

  @ParameterizedTest
  @EnumSource
  void aTimestampOutlivesTheCertificate(Format format) throws Exception {
    byte[] signed;
    try (TestTimestamps timestamps = TestTimestamps.of(AUTHORITY)) {
      signed = sign(format, timestamps.uri());
    }
    Instant now = TestAuthority.CLOCK.instant();
    Clock later = Clock.fixed(now.plus(Duration.ofDays(5000)), ZoneOffset.UTC);

    Verdict verdict = ContentCredentials.verify(signed, AUTHORITY.anchors(), later);

    assertThat(verdict.failures()).isEmpty();
    assertThat(verdict.state()).isEqualTo(State.INTACT);
    assertThat(verdict.signedAt().orElseThrow()).isBetween(now.minus(1, ChronoUnit.MINUTES), now);
  }

  @Test
  void withoutATimestampCredentialsEndWithTheCertificate() throws Exception {
    byte[] image = TestImages.noise(Format.PNG, 9, 9, 1);
    byte[] signed =
        new ContentCredentials(
                new SoftwareAgent("SmartEdit Test", "1.0"),
                AUTHORITY.signingKey("P-256"),
                null,
                TestAuthority.CLOCK)
            .sign(
                image,
                new Edit(
                    "mini",
                    1,
                    null,
                    DigitalSourceType.TRAINED_ALGORITHMIC_MEDIA,
                    Source.of("source", image, TestAuthority.CLOCK)));
    Instant later = TestAuthority.CLOCK.instant().plus(Duration.ofDays(5000));

    Verdict verdict =
        ContentCredentials.verify(signed, TrustAnchors.NONE, Clock.fixed(later, ZoneOffset.UTC));

    assertThat(verdict.failures()).containsExactly("claimSignature.outsideValidity");
  }

  @Test
  void aTimestampOfAStrangerIsNoTimestampForWhoJudgesTrust() throws Exception {
    byte[] signed;
    try (TestTimestamps timestamps = TestTimestamps.of(new TestAuthority())) {
      signed = sign(Format.PNG, timestamps.uri());
    }

    Verdict verdict = ContentCredentials.verify(signed, AUTHORITY.anchors(), TestAuthority.CLOCK);

    assertThat(verdict.state()).isEqualTo(State.INTACT);
    assertThat(verdict.signedAt()).isEmpty();
    assertThat(verdict.findings()).anyMatch(f -> f.code().equals("timeStamp.untrusted"));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> failure(
      Answer answer, Duration timeout) throws IOException {
    try (TestTimestamps timestamps = new TestTimestamps(AUTHORITY, answer)) {
      return assertThatThrownBy(
              () -> new TimestampAuthority(timestamps.uri(), timeout).stamp(MESSAGE))
          .isInstanceOf(TimestampException.class)
          .hasMessageStartingWith(timestamps.uri().toString());
    }
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> failure(Answer answer)
      throws IOException {
    return failure(answer, Duration.ofSeconds(20));
  }

  @Test
  void anAuthorityThatRefusesIsAFailure() throws IOException {
    failure((exchange, request) -> exchange.sendResponseHeaders(503, -1))
        .hasMessageContaining("HTTP 503");
    failure(
            (exchange, request) -> {
              exchange.getResponseHeaders().add("Location", "http://localhost:1/");
              exchange.sendResponseHeaders(302, -1);
            })
        .hasMessageContaining("HTTP 302");
  }

  @Test
  void nonsenseIsAFailure() throws IOException {
    for (byte[] nonsense : new byte[][] {{}, {1}, {0x30, 0}, {0x30, 3, 2, 1, 0}, new byte[999]}) {
      failure((exchange, request) -> TestTimestamps.send(exchange, nonsense))
          .hasMessageContaining("answers with no time-stamp");
    }
  }

  @Test
  void anotherMessagesTimestampIsAFailure() throws Exception {
    byte[][] first = new byte[1][];
    try (TestTimestamps timestamps = TestTimestamps.of(AUTHORITY)) {
      new TimestampAuthority(timestamps.uri(), Duration.ofSeconds(20)).stamp(new byte[9]);
      failure(
              (exchange, request) -> {
                // The first request's answer, again and again.
                first[0] = first[0] == null ? timestamps.stamp(request) : first[0];
                byte[] old = first[0].clone();
                old[old.length - 1] ^= 1; // and its signature broken
                TestTimestamps.send(exchange, old);
              })
          .hasMessageContaining("answers with no time-stamp");
    }
  }

  @Test
  void anEndlessAnswerIsAFailure() throws IOException {
    failure(
            (exchange, request) -> {
              exchange.sendResponseHeaders(200, 0);
              while (true) {
                exchange.getResponseBody().write(new byte[8192]);
              }
            })
        .hasMessageContaining("more than 32768 bytes");
  }

  @Test
  void aSilentAnswerIsAFailure() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    failure(
            (exchange, request) -> {
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().write(0x30);
              exchange.getResponseBody().flush();
              never.await(1, TimeUnit.MINUTES);
            },
            Duration.ofMillis(300))
        .hasMessageContaining("no answer within PT0.3S");
  }

  @Test
  void nobodyThereIsAFailure() throws IOException {
    URI gone;
    try (TestTimestamps timestamps = TestTimestamps.of(AUTHORITY)) {
      gone = timestamps.uri();
    }

    assertThatThrownBy(() -> new TimestampAuthority(gone, Duration.ofSeconds(20)).stamp(MESSAGE))
        .isInstanceOf(TimestampException.class)
        .hasMessageContaining("gave no answer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host/", "file:/etc/passwd", "tsa", "http:/nohost"})
  void whatIsNoWebAddressIsRefused(String uri) {
    assertThatThrownBy(() -> new TimestampAuthority(URI.create(uri), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + uri + "' is not an http or https address");
  }
}
