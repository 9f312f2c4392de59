package io.smartedit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.smartedit.store.StoreException.Kind;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who can act, by what a store answers. */
final class S3FaultsTest {

  private static final String MOMENT = "Wed, 25 Nov 2026 09:00:00 GMT";
  private static final ObjectName NAME = new ObjectName("images", "a/b.png");

  @ParameterizedTest
  @CsvSource({
    "404, NoSuchKey,                       NOT_FOUND,     MISCONFIGURED",
    "404, NoSuchBucket,                    NOT_FOUND,     MISCONFIGURED",
    "403, AccessDenied,                    DENIED,        MISCONFIGURED",
    "403, AllAccessDisabled,               DENIED,        MISCONFIGURED",
    "403, InvalidObjectState,              DENIED,        MISCONFIGURED",
    "400, KeyTooLongError,                 DENIED,        MISCONFIGURED",
    "400, XMinioInvalidObjectName,         DENIED,        MISCONFIGURED",
    "400, EntityTooLarge,                  TOO_LARGE,     TOO_LARGE",
    "403, InvalidAccessKeyId,              MISCONFIGURED, MISCONFIGURED",
    "403, SignatureDoesNotMatch,           MISCONFIGURED, MISCONFIGURED",
    "400, ExpiredToken,                    MISCONFIGURED, MISCONFIGURED",
    "400, InvalidToken,                    MISCONFIGURED, MISCONFIGURED",
    "403, RequestTimeTooSkewed,            MISCONFIGURED, MISCONFIGURED",
    "400, AuthorizationHeaderMalformed,    MISCONFIGURED, MISCONFIGURED",
    "301, PermanentRedirect,               MISCONFIGURED, MISCONFIGURED",
    "403, QuotaExceeded,                   MISCONFIGURED, MISCONFIGURED",
    "507, XMinioStorageFull,               MISCONFIGURED, MISCONFIGURED",
    "400, XMinioAdminBucketQuotaExceeded,  MISCONFIGURED, MISCONFIGURED",
    "403, NotEntitled,                     MISCONFIGURED, MISCONFIGURED",
    "401, Unauthorized,                    MISCONFIGURED, MISCONFIGURED",
    "405, MethodNotAllowed,                MISCONFIGURED, MISCONFIGURED",
    "501, NotImplemented,                  MISCONFIGURED, MISCONFIGURED",
    "500, InternalError,                   UNAVAILABLE,   UNAVAILABLE",
    "503, SlowDown,                        UNAVAILABLE,   UNAVAILABLE",
    "503, SlowDownWrite,                   UNAVAILABLE,   UNAVAILABLE",
    "503, XMinioServerNotInitialized,      UNAVAILABLE,   UNAVAILABLE",
    "400, RequestTimeout,                  UNAVAILABLE,   UNAVAILABLE",
    "429, TooManyRequests,                 UNAVAILABLE,   UNAVAILABLE",
    "400, BadDigest,                       UNAVAILABLE,   UNAVAILABLE",
    "400, IncompleteBody,                  UNAVAILABLE,   UNAVAILABLE",
    "409, OperationAborted,                UNAVAILABLE,   UNAVAILABLE",
    "409, ConditionalRequestConflict,      UNAVAILABLE,   UNAVAILABLE",
    "307, TemporaryRedirect,               UNAVAILABLE,   UNAVAILABLE",
    "404, NobodyDocumentsThis,             NOT_FOUND,     MISCONFIGURED",
    "403, NobodyDocumentsThis,             DENIED,        MISCONFIGURED",
    "400, NobodyDocumentsThis,             DENIED,        MISCONFIGURED",
    "413, NobodyDocumentsThis,             TOO_LARGE,     TOO_LARGE",
    "507, NobodyDocumentsThis,             MISCONFIGURED, MISCONFIGURED",
    "502, NobodyDocumentsThis,             UNAVAILABLE,   UNAVAILABLE",
  })
  void whoCanActFollowsFromTheCode(int status, String code, Kind reading, Kind writing) {
    try (FaultyStore faulty = new FaultyStore(FaultyStore.error(status, code, "no"));
        S3ObjectStore store = faulty.client()) {
      StoreException read = failure(() -> store.read(NAME, 10));
      StoreException write = failure(() -> store.write(NAME, new byte[1], "image/png", Map.of()));

      assertThat(read.kind()).isEqualTo(reading);
      assertThat(write.kind()).isEqualTo(writing);
      assertThat(read).hasMessageContaining(NAME.toString()).hasMessageContaining(code);
      assertThat(faulty.asked()).hasSize(2); // nothing was asked twice
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, MISCONFIGURED",
    "403, MISCONFIGURED",
    "404, MISCONFIGURED",
    "408, UNAVAILABLE",
    "429, UNAVAILABLE",
    "500, UNAVAILABLE",
    "502, UNAVAILABLE",
    "503, UNAVAILABLE",
    "504, UNAVAILABLE"
  })
  void whatIsNotTheStoreBlamesNoRequest(int status, Kind kind) {
    try (FaultyStore faulty =
            new FaultyStore(
                exchange -> FaultyStore.send(exchange, status, "text/html", "<html>no</html>"));
        S3ObjectStore store = faulty.client()) {
      assertThat(failure(() -> store.read(NAME, 10)).kind()).isEqualTo(kind);
      assertThat(failure(() -> store.write(NAME, new byte[1], "image/png", Map.of())).kind())
          .isEqualTo(kind);
    }
  }

  @Test
  void aCapThatIsReachedIsTheOperators() {
    try (FaultyStore faulty =
            new FaultyStore(
                FaultyStore.error(
                    403, "AccessDenied", "Cannot download file, download cap exceeded."));
        S3ObjectStore store = faulty.client()) {
      assertThat(failure(() -> store.read(NAME, 10)).kind()).isEqualTo(Kind.MISCONFIGURED);
    }
  }

  @Test
  void anErrorWithoutEndIsCut() {
    String endless = "<Error><Code>SlowDown</Code><Message>" + "x".repeat(10 << 20);
    try (FaultyStore faulty =
            new FaultyStore(
                exchange -> FaultyStore.send(exchange, 503, "application/xml", endless));
        S3ObjectStore store = faulty.client()) {
      assertThat(failure(() -> store.read(NAME, 10)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
  }

  @Test
  void anObjectThatIsCutOffIsUnavailable() {
    try (FaultyStore faulty =
            new FaultyStore(
                exchange -> {
                  exchange.sendResponseHeaders(200, 1000);
                  exchange.getResponseBody().write(new byte[100]);
                });
        S3ObjectStore store = faulty.client()) {
      assertThat(failure(() -> store.read(NAME, 2000)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
  }

  @Test
  void anObjectThatIsTooLargeIsRefusedByItsHead() {
    try (FaultyStore faulty =
            new FaultyStore(
                exchange -> {
                  exchange.sendResponseHeaders(200, 1L << 40);
                  exchange.getResponseBody().write(new byte[100]);
                });
        S3ObjectStore store = faulty.client()) {
      assertThat(failure(() -> store.read(NAME, 2000)).kind()).isEqualTo(Kind.TOO_LARGE);
    }
  }

  @Test
  void whereListingIsRefusedAMissingObjectIsAbsent() {
    try (FaultyStore faulty = new FaultyStore(FaultyStore.error(403, "AccessDenied", "no"));
        S3ObjectStore store = faulty.client()) {
      assertThat(store.metadata(NAME)).isEmpty();
    }
  }

  /** A HEAD's 404 does not say of what; each look-up after the first is one HEAD again. */
  @Test
  void anAbsentObjectIsAskedForTwiceUntilItsBucketIsKnown() {
    try (FaultyStore faulty = new FaultyStore(FaultyStore.error(404, "NoSuchKey", "no"));
        S3ObjectStore store = faulty.client()) {
      assertThat(store.metadata(NAME)).isEmpty();
      assertThat(store.metadata(NAME)).isEmpty();

      String at = " /images/a/b.png";
      assertThat(faulty.asked()).containsExactly("HEAD" + at, "GET" + at, "HEAD" + at);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, NoSuchBucket",
    "403, AllAccessDisabled",
    "403, SignatureDoesNotMatch",
    "403, InvalidAccessKeyId",
    "400, ExpiredToken",
    "301, PermanentRedirect",
    "400, AuthorizationHeaderMalformed"
  })
  void aRefusalOfALookUpIsExplained(int status, String code) {
    try (FaultyStore faulty = new FaultyStore(FaultyStore.error(status, code, "no"));
        S3ObjectStore store = faulty.client()) {
      StoreException failure = failure(() -> store.metadata(NAME));

      assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
      assertThat(failure).hasMessageContaining(code);
    }
  }

  @Test
  void aStoreWithoutConditionsIsAskedFirst() {
    FaultyStore.Answer refusal = FaultyStore.error(501, "NotImplemented", "A header you provided");
    FaultyStore.Answer absent = FaultyStore.error(404, "NoSuchKey", "no");
    boolean[] taken = {false};
    try (FaultyStore faulty =
            new FaultyStore(
                exchange -> {
                  if (exchange.getRequestHeaders().containsKey("If-None-Match")) {
                    refusal.to(exchange);
                  } else if (exchange.getRequestMethod().equals("HEAD")) {
                    exchange.getResponseHeaders().set("Last-Modified", MOMENT);
                    exchange.sendResponseHeaders(taken[0] ? 200 : 404, -1);
                  } else if (exchange.getRequestMethod().equals("GET")) {
                    absent.to(exchange);
                  } else {
                    taken[0] = true;
                    exchange.getResponseHeaders().set("ETag", "\"1\"");
                    exchange.sendResponseHeaders(200, -1);
                  }
                });
        S3ObjectStore store = faulty.client()) {
      assertThat(store.writeNew(NAME, new byte[1], "image/png", Map.of())).isTrue();
      assertThat(store.writeNew(NAME, new byte[1], "image/png", Map.of())).isFalse();

      String at = " /images/a/b.png";
      assertThat(faulty.asked())
          .containsExactly("PUT" + at, "HEAD" + at, "GET" + at, "PUT" + at, "HEAD" + at);
    }
  }

  @Test
  void whereBucketsMayNotBeAskedForTheyAreTakenAsThere() {
    try (FaultyStore faulty = new FaultyStore(FaultyStore.error(403, "AccessDenied", "no"));
        S3ObjectStore store = faulty.client()) {
      store.ensureBucket("images");

      assertThat(faulty.asked()).containsExactly("HEAD /images");
    }
  }

  @Test
  void anAnswerThatLacksWhatEveryStoreSaysIsUnavailable() {
    try (FaultyStore faulty = new FaultyStore(exchange -> exchange.sendResponseHeaders(200, -1));
        S3ObjectStore store = faulty.client()) {
      assertThat(failure(() -> store.metadata(NAME)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
  }

  private static StoreException failure(Runnable action) {
    StoreException failure = catchThrowableOfType(StoreException.class, action::run);
    assertThat(failure).isNotNull();
    return failure;
  }
}
