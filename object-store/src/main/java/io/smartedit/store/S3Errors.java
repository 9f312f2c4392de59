package io.smartedit.store;

import static io.smartedit.store.StoreException.Kind.DENIED;
import static io.smartedit.store.StoreException.Kind.MISCONFIGURED;
import static io.smartedit.store.StoreException.Kind.NOT_FOUND;
import static io.smartedit.store.StoreException.Kind.TOO_LARGE;
import static io.smartedit.store.StoreException.Kind.UNAVAILABLE;

import io.smartedit.store.StoreException.Kind;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who can act on an error of an S3-compatible store: the codes that the stores document, one by
 * one. What is read was named by a request, so a refusal to read concerns the request; where is
 * written was named by the operator, so a refusal to write concerns the operator.
 */
final class S3Errors {

  /** Where a code is documented. */
  private enum Doc {
    /** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
    S3,
    /** https://github.com/minio/minio/blob/master/cmd/api-errors.go */
    MINIO,
    /** https://github.com/ceph/ceph/blob/main/src/rgw/rgw_common.cc */
    CEPH,
    /** https://developers.cloudflare.com/r2/api/error-codes/ */
    R2,
    /** https://www.backblaze.com/docs/cloud-storage-s3-compatible-api */
    B2
  }

  /** Which way an object goes. */
  enum Way {
    READING,
    WRITING
  }

  /**
   * @param remedy what the operator can do; none where the operator cannot
   */
  private record Row(
      String code, Kind reading, Kind writing, @Nullable String remedy, Doc documented) {}

  private static final String KEYS = "check s3.access-key and s3.secret-key";
  private static final String SESSION = "renew the session token";
  private static final String CLOCK = "set this machine's clock";
  private static final String REGION = "check s3.region and s3.endpoint";
  private static final String RIGHTS = "let the keys write to the bucket";
  private static final String BUCKET = "create the bucket";
  private static final String SPACE = "make room in the store or raise its quota";
  private static final String ACCOUNT = "settle it with the store's provider";
  private static final String FEATURE = "the store lacks what is asked of it";
  private static final String NAMING = "check the bucket's and the folder's name";
  private static final String ENCRYPTION = "check the bucket's encryption key";

  private static final Map<String, Row> ROWS =
      List.of(
              // What is asked for is not there, or not for us.
              new Row("NoSuchKey", NOT_FOUND, MISCONFIGURED, NAMING, Doc.S3),
              new Row("NoSuchVersion", NOT_FOUND, MISCONFIGURED, NAMING, Doc.S3),
              new Row("NoSuchBucket", NOT_FOUND, MISCONFIGURED, BUCKET, Doc.S3),
              new Row("AccessDenied", DENIED, MISCONFIGURED, RIGHTS, Doc.S3),
              new Row("AllAccessDisabled", DENIED, MISCONFIGURED, ACCOUNT, Doc.S3),
              new Row("InvalidObjectState", DENIED, MISCONFIGURED, NAMING, Doc.S3),
              new Row("KeyTooLongError", DENIED, MISCONFIGURED, NAMING, Doc.S3),
              new Row("InvalidBucketName", DENIED, MISCONFIGURED, NAMING, Doc.S3),
              new Row("InvalidURI", DENIED, MISCONFIGURED, NAMING, Doc.S3),
              new Row("InvalidObjectName", DENIED, MISCONFIGURED, NAMING, Doc.R2),
              new Row("XMinioInvalidObjectName", DENIED, MISCONFIGURED, NAMING, Doc.MINIO),
              new Row("XMinioInvalidResourceName", DENIED, MISCONFIGURED, NAMING, Doc.MINIO),
              new Row("XMinioObjectExistsAsDirectory", DENIED, MISCONFIGURED, NAMING, Doc.MINIO),
              new Row("KMS.DisabledException", DENIED, MISCONFIGURED, ENCRYPTION, Doc.S3),
              new Row("KMS.InvalidStateException", DENIED, MISCONFIGURED, ENCRYPTION, Doc.S3),
              new Row("KMS.NotFoundException", DENIED, MISCONFIGURED, ENCRYPTION, Doc.S3),
              new Row("EntityTooLarge", TOO_LARGE, TOO_LARGE, null, Doc.S3),
              // Our keys, our clock, our region, our account, our space.
              ours("InvalidAccessKeyId", KEYS, Doc.S3),
              ours("SignatureDoesNotMatch", KEYS, Doc.S3),
              ours("CredentialsNotSupported", KEYS, Doc.S3),
              ours("InvalidSecurity", KEYS, Doc.S3),
              ours("MissingSecurityHeader", KEYS, Doc.S3),
              ours("MissingSecurityElement", KEYS, Doc.S3),
              ours("MissingAuthenticationToken", KEYS, Doc.S3),
              ours("Unauthorized", KEYS, Doc.R2),
              ours("UnauthorizedAccess", KEYS, Doc.MINIO),
              ours("UnauthorizedAccessError", KEYS, Doc.S3),
              ours("UserSuspended", ACCOUNT, Doc.CEPH),
              ours("InvalidToken", SESSION, Doc.S3),
              ours("ExpiredToken", SESSION, Doc.S3),
              ours("TokenRefreshRequired", SESSION, Doc.S3),
              ours("RequestTimeTooSkewed", CLOCK, Doc.S3),
              ours("RequestExpired", CLOCK, Doc.S3),
              ours("ExpiredRequest", CLOCK, Doc.R2),
              ours("AuthorizationHeaderMalformed", REGION, Doc.S3),
              ours("AuthorizationQueryParametersError", REGION, Doc.S3),
              ours("AuthorizationParametersError", REGION, Doc.MINIO),
              ours("InvalidRegion", REGION, Doc.MINIO),
              ours("PermanentRedirect", REGION, Doc.S3),
              ours("Redirect", REGION, Doc.S3),
              ours("IllegalLocationConstraintException", REGION, Doc.S3),
              ours("EndpointNotFound", REGION, Doc.S3),
              ours("InvalidHostHeader", REGION, Doc.S3),
              ours("XMinioInsecureClientRequest", REGION, Doc.MINIO),
              ours("AccountProblem", ACCOUNT, Doc.S3),
              ours("InvalidPayer", ACCOUNT, Doc.S3),
              ours("NotSignedUp", ACCOUNT, Doc.S3),
              ours("NotDeviceOwnerError", ACCOUNT, Doc.S3),
              ours("NotEntitled", ACCOUNT, Doc.R2),
              ours("RequesterPaysBucketRequired", ACCOUNT, Doc.S3),
              ours("QuotaExceeded", SPACE, Doc.CEPH),
              ours("ServiceQuotaExceededException", SPACE, Doc.S3),
              ours("XMinioAdminBucketQuotaExceeded", SPACE, Doc.MINIO),
              ours("XMinioStorageFull", SPACE, Doc.MINIO),
              ours("StorageCapExceeded", SPACE, Doc.B2),
              ours("MaxVersionsExceeded", SPACE, Doc.MINIO),
              ours("NotImplemented", FEATURE, Doc.S3),
              ours("MethodNotAllowed", FEATURE, Doc.S3),
              ours("UnsupportedOperation", FEATURE, Doc.S3),
              ours("UnsupportedSignature", FEATURE, Doc.S3),
              ours("InvalidEncryptionAlgorithmError", ENCRYPTION, Doc.S3),
              // The store cannot now, or the bytes were damaged on their way.
              later("InternalError", Doc.S3),
              later("ServiceUnavailable", Doc.S3),
              later("SlowDown", Doc.S3),
              later("SlowDownRead", Doc.MINIO),
              later("SlowDownWrite", Doc.MINIO),
              later("Busy", Doc.S3),
              later("ServerBusy", Doc.MINIO),
              later("ThrottlingException", Doc.S3),
              later("RequestLimitExceeded", Doc.S3),
              later("BandwidthLimitExceeded", Doc.S3),
              later("TooManyRequests", Doc.R2),
              later("RateLimitExceeded", Doc.CEPH),
              later("RequestTimeout", Doc.S3),
              later("ClientDisconnect", Doc.R2),
              later("ClientDisconnected", Doc.MINIO),
              later("ConnectionClosedByRequester", Doc.S3),
              later("TemporaryRedirect", Doc.S3),
              later("OperationAborted", Doc.S3),
              later("ConditionalRequestConflict", Doc.S3),
              later("ConcurrentModification", Doc.CEPH),
              later("RestoreAlreadyInProgress", Doc.S3),
              later("BadDigest", Doc.S3),
              later("InvalidDigest", Doc.S3),
              later("IncompleteBody", Doc.S3),
              later("XAmzContentSHA256Mismatch", Doc.S3),
              later("XAmzContentChecksumMismatch", Doc.MINIO),
              later("XMinioServerNotInitialized", Doc.MINIO),
              later("XMinioIAMNotInitialized", Doc.MINIO),
              later("XMinioBucketMetadataNotInitialized", Doc.MINIO),
              later("XMinioBackendDown", Doc.MINIO))
          .stream()
          .collect(Collectors.toUnmodifiableMap(Row::code, Function.identity()));

  private S3Errors() {}

  private static Row ours(String code, String remedy, Doc documented) {
    return new Row(code, MISCONFIGURED, MISCONFIGURED, remedy, documented);
  }

  private static Row later(String code, Doc documented) {
    return new Row(code, UNAVAILABLE, UNAVAILABLE, null, documented);
  }

  /**
   * The failure that a store's error is.
   *
   * @param what the object or bucket
   * @param code as the store says, or empty
   * @param text the store's own words, of which some say more than the code
   */
  static StoreException failure(
      Way way, String what, int status, String code, String text, Throwable cause) {
    Row row = ROWS.get(code);
    if (status == 403 && isCapped(text)) {
      return new StoreException(MISCONFIGURED, what + ": " + text + " (" + SPACE + ")", cause);
    }
    String said = what + ": " + (code.isEmpty() ? "HTTP " + status : code);
    if (row == null) {
      return new StoreException(kind(way, status), said, cause);
    }
    Kind kind = way == Way.READING ? row.reading() : row.writing();
    if (kind == DENIED && code.equals("AccessDenied")) {
      return new StoreException(kind, said + " (not there, or not ours to read)", cause);
    }
    boolean mendable = kind == MISCONFIGURED && row.remedy() != null;
    return new StoreException(kind, mendable ? said + " (" + row.remedy() + ")" : said, cause);
  }

  /** B2 says {@code AccessDenied} also where the account's caps are reached. */
  private static boolean isCapped(String text) {
    return text.contains("cap exceeded");
  }

  /** Of a code that nobody documents; by what HTTP's status means. */
  private static Kind kind(Way way, int status) {
    return switch (status) {
      case 404, 410 -> way == Way.READING ? NOT_FOUND : MISCONFIGURED;
      case 413 -> TOO_LARGE;
      case 401, 402, 407, 501, 505, 507 -> MISCONFIGURED;
      case 408, 409, 425, 429 -> UNAVAILABLE;
      default -> {
        if (status >= 500) {
          yield UNAVAILABLE;
        }
        yield way == Way.READING && status >= 400 ? DENIED : MISCONFIGURED;
      }
    };
  }

  /**
   * Of an answer that is not S3's at all: a proxy, a firewall or another server stands where the
   * store should. It says nothing about the object.
   */
  static StoreException foreign(String what, int status, Throwable cause) {
    boolean later = status >= 500 || status == 408 || status == 425 || status == 429;
    String said = what + ": what answers with HTTP " + status + " is no S3 store";
    return later
        ? new StoreException(UNAVAILABLE, said, cause)
        : new StoreException(MISCONFIGURED, said + " (check s3.endpoint)", cause);
  }
}
