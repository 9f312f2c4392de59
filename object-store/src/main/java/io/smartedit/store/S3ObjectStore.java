package io.smartedit.store;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.errors.ServerException;
import io.minio.http.Method;
import io.minio.messages.Item;
import io.smartedit.store.S3Answers.ForeignAnswerException;
import io.smartedit.store.S3Errors.Way;
import io.smartedit.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that speaks S3. It asks for no more rights than to read and to write objects.
 *
 * <p>A store without conditional writes is noticed at the first one: from then on {@link #writeNew}
 * looks first and writes then, and of two writers within that moment the later one wins.
 */
public final class S3ObjectStore implements ObjectStore {

  private static final Logger LOG = LoggerFactory.getLogger(S3ObjectStore.class);

  private static final Map<String, String> UNLESS_TAKEN = Map.of("If-None-Match", "*");
  private static final String USER_METADATA = "x-amz-meta-";
  private static final Duration LONGEST_CALL = Duration.ofMinutes(2);
  private static final int CALLS_AT_ONCE = 64;
  private static final int PAGE = 1000; // what S3 lists at most

  private final S3Credentials credentials;

  /** Shorter than servers keep an idle connection: one that they closed fails the next call. */
  private static final Duration IDLE = Duration.ofSeconds(4);

  private final MinioClient client;
  private final OkHttpClient http;
  private volatile boolean conditional = true;

  /** The bucket that last said that it has no such object, and so is there. */
  private volatile String seen = "";

  public S3ObjectStore(S3Settings settings) {
    credentials = new S3Credentials(settings);
    http =
        new OkHttpClient.Builder()
            .connectTimeout(settings.timeout())
            .readTimeout(settings.timeout())
            .writeTimeout(settings.timeout())
            .callTimeout(LONGEST_CALL)
            .connectionPool(new ConnectionPool(CALLS_AT_ONCE, IDLE.toMillis(), MILLISECONDS))
            .retryOnConnectionFailure(false) // the caller does
            .addInterceptor(new S3Answers())
            .build();
    http.dispatcher().setMaxRequestsPerHost(CALLS_AT_ONCE);
    client =
        MinioClient.builder()
            .endpoint(settings.endpoint())
            .region(settings.region())
            .credentialsProvider(credentials)
            .httpClient(http)
            .build();
  }

  /** In the default region. */
  public S3ObjectStore(String endpoint, String accessKey, String secretKey, Duration timeout) {
    this(new S3Settings(endpoint, S3Settings.DEFAULT_REGION, accessKey, secretKey, timeout));
  }

  @Override
  public byte[] read(ObjectName name, long maxBytes) {
    GetObjectArgs get = GetObjectArgs.builder().bucket(name.bucket()).object(name.key()).build();
    return call(
        Way.READING,
        name.toString(),
        () -> {
          try (GetObjectResponse response = client.getObject(get)) {
            return whole(name, response, maxBytes);
          }
        });
  }

  private static byte[] whole(ObjectName name, GetObjectResponse response, long maxBytes)
      throws IOException {
    long declared = declared(response);
    if (declared > maxBytes) {
      throw StoreException.tooLarge(name.toString(), maxBytes, declared);
    }
    byte[] bytes = response.readNBytes((int) Math.min(maxBytes + 1, Integer.MAX_VALUE - 8));
    if (bytes.length > maxBytes) {
      throw StoreException.tooLarge(name.toString(), maxBytes, declared);
    }
    if (declared >= 0 && declared != bytes.length) {
      throw new StoreException(Kind.UNAVAILABLE, name + " was cut off on its way");
    }
    return bytes;
  }

  private static long declared(GetObjectResponse response) {
    String length = response.headers().get("Content-Length");
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  @Override
  public void write(ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    PutObjectArgs put = put(name, bytes, mediaType, metadata).build();
    call(Way.WRITING, name.toString(), () -> client.putObject(put));
  }

  @Override
  public boolean writeNew(
      ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    if (conditional) {
      PutObjectArgs put = put(name, bytes, mediaType, metadata).headers(UNLESS_TAKEN).build();
      Conditional written = call(Way.WRITING, name.toString(), () -> unlessTaken(put));
      if (written != Conditional.UNKNOWN_TO_STORE) {
        return written == Conditional.WRITTEN;
      }
      conditional = false;
    }
    if (metadata(name).isPresent()) {
      return false;
    }
    write(name, bytes, mediaType, metadata);
    return true;
  }

  /** What became of a conditional write. */
  private enum Conditional {
    WRITTEN,
    TAKEN,
    UNKNOWN_TO_STORE
  }

  private Conditional unlessTaken(PutObjectArgs put)
      throws MinioException, IOException, GeneralSecurityException {
    try {
      client.putObject(put);
      return Conditional.WRITTEN;
    } catch (ErrorResponseException e) {
      int status = e.response().code();
      if (status == HttpURLConnection.HTTP_PRECON_FAILED) {
        return Conditional.TAKEN;
      }
      if (status == HttpURLConnection.HTTP_NOT_IMPLEMENTED || code(e).equals("NotImplemented")) {
        return Conditional.UNKNOWN_TO_STORE;
      }
      throw e;
    }
  }

  private static PutObjectArgs.Builder put(
      ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    return PutObjectArgs.builder()
        .bucket(name.bucket())
        .object(name.key())
        .contentType(mediaType)
        .userMetadata(metadata)
        .stream(new ByteArrayInputStream(bytes), bytes.length, -1);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Where the keys may not list the bucket, S3 answers {@code AccessDenied} for an object that
   * is not there. That counts as absent: if it is there and may not be read, nothing is lost, for a
   * write of the same name says so. A HEAD does not tell a missing object from a missing bucket
   * either, so what it refuses is asked for once more until the bucket is known to be there.
   */
  @Override
  public Optional<Map<String, String>> metadata(ObjectName name) {
    StatObjectArgs stat = StatObjectArgs.builder().bucket(name.bucket()).object(name.key()).build();
    return call(
        Way.WRITING, // what a bucket of our own refuses is the operator's
        name.toString(),
        () -> {
          try {
            return Optional.of(lowerCased(client.statObject(stat).userMetadata()));
          } catch (ErrorResponseException e) {
            boolean absent = e.response().code() == HttpURLConnection.HTTP_NOT_FOUND;
            return absent && name.bucket().equals(seen) ? Optional.empty() : explained(name);
          }
        });
  }

  /** A HEAD is refused without a word; a GET of one byte says why. */
  private Optional<Map<String, String>> explained(ObjectName name)
      throws MinioException, IOException, GeneralSecurityException {
    GetObjectArgs get =
        GetObjectArgs.builder().bucket(name.bucket()).object(name.key()).length(1L).build();
    try (GetObjectResponse response = client.getObject(get)) {
      Map<String, String> metadata = new HashMap<>();
      response
          .headers()
          .forEach(header -> addUserMetadata(metadata, header.getFirst(), header.getSecond()));
      return Optional.of(metadata);
    } catch (ErrorResponseException e) {
      String code = code(e);
      if (code.equals("AccessDenied")) {
        return Optional.empty();
      }
      if (e.response().code() == HttpURLConnection.HTTP_NOT_FOUND && !code.equals("NoSuchBucket")) {
        seen = name.bucket();
        return Optional.empty();
      }
      throw e;
    }
  }

  private static void addUserMetadata(Map<String, String> metadata, String header, String value) {
    String name = header.toLowerCase(Locale.ROOT);
    if (name.startsWith(USER_METADATA)) {
      metadata.put(name.substring(USER_METADATA.length()), value);
    }
  }

  /** HTTP headers come back in whatever case the server likes. */
  private static Map<String, String> lowerCased(Map<String, String> metadata) {
    Map<String, String> result = new HashMap<>();
    metadata.forEach((key, value) -> result.put(key.toLowerCase(Locale.ROOT), value));
    return result;
  }

  @Override
  public void delete(ObjectName name) {
    RemoveObjectArgs remove =
        RemoveObjectArgs.builder().bucket(name.bucket()).object(name.key()).build();
    call(
        Way.WRITING,
        name.toString(),
        () -> {
          client.removeObject(remove);
          return name;
        });
  }

  @Override
  public List<Listed> list(String bucket, String prefix, String after, int most) {
    ListObjectsArgs list =
        ListObjectsArgs.builder()
            .bucket(bucket)
            .prefix(prefix)
            .startAfter(after)
            .recursive(true)
            .maxKeys(Math.min(most, PAGE))
            .build();
    return call(
        Way.WRITING,
        "bucket " + bucket,
        () -> {
          List<Listed> objects = new ArrayList<>();
          Iterator<Result<Item>> items = client.listObjects(list).iterator();
          while (objects.size() < most && items.hasNext()) {
            Item item = items.next().get();
            ObjectName.of(bucket, item.objectName())
                .map(name -> new Listed(name, item.lastModified().toInstant()))
                .ifPresent(objects::add);
          }
          return objects;
        });
  }

  @Override
  public Optional<URI> readLink(ObjectName name, Duration valid) {
    return Optional.of(link(name, Method.GET, Map.of(), valid));
  }

  /** {@inheritDoc} Type and size are signed, too: the store refuses others. */
  @Override
  public Optional<URI> writeLink(ObjectName name, String mediaType, long bytes, Duration valid) {
    Map<String, String> signed =
        Map.of("Content-Type", mediaType, "Content-Length", Long.toString(bytes));
    return Optional.of(link(name, Method.PUT, signed, valid));
  }

  private URI link(ObjectName name, Method method, Map<String, String> signed, Duration valid) {
    GetPresignedObjectUrlArgs args =
        GetPresignedObjectUrlArgs.builder()
            .method(method)
            .bucket(name.bucket())
            .object(name.key())
            .expiry(Math.toIntExact(valid.toSeconds()))
            .extraHeaders(signed)
            .build();
    return URI.create(call(Way.READING, name.toString(), () -> client.getPresignedObjectUrl(args)));
  }

  @Override
  public void ensureBucket(String bucket) {
    call(
        Way.WRITING,
        "bucket " + bucket,
        () -> {
          try {
            if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
              client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
            }
          } catch (ErrorResponseException e) {
            if (e.response().code() != HttpURLConnection.HTTP_FORBIDDEN
                && e.response().code() != HttpURLConnection.HTTP_CONFLICT) {
              throw e;
            }
          }
          return bucket;
        });
  }

  /**
   * This store, with a bucket made where it is missing and may be made. Where that fails, a warning
   * says so, and the first use of the bucket says what has to be mended.
   */
  public S3ObjectStore withBucket(String bucket) {
    try {
      ensureBucket(bucket);
    } catch (StoreException e) {
      LOG.warn("whether there is a bucket {} is not known: {}", bucket, e.getMessage());
    }
    return this;
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  private interface Call<T> {
    T run() throws MinioException, IOException, GeneralSecurityException;
  }

  private <T> T call(Way way, String what, Call<T> call) {
    try {
      return call.run();
    } catch (StoreException e) {
      throw e;
    } catch (ErrorResponseException e) {
      StoreException failure =
          S3Errors.failure(
              way,
              what,
              e.response().code(),
              code(e),
              String.valueOf(e.errorResponse().message()),
              e);
      if (failure.kind() == Kind.MISCONFIGURED) {
        credentials.forget();
      }
      throw failure;
    } catch (ServerException e) {
      throw S3Errors.failure(way, what, e.statusCode(), "", "", e);
    } catch (ForeignAnswerException e) {
      throw S3Errors.foreign(what, e.status(), e);
    } catch (GeneralSecurityException e) {
      throw new StoreException(Kind.MISCONFIGURED, what + ": the request cannot be signed", e);
    } catch (RuntimeException e) {
      throw unchecked(way, what, e);
    } catch (IOException | MinioException e) {
      throw isUntrusted(e)
          ? new StoreException(
              Kind.MISCONFIGURED, what + ": the store's certificate is not trusted", e)
          : new StoreException(Kind.UNAVAILABLE, what + ": the store does not answer properly", e);
    }
  }

  /** The SDK wraps what it does not declare. */
  private static StoreException unchecked(Way way, String what, RuntimeException e) {
    RuntimeException cause = e.getCause() instanceof RuntimeException inner ? inner : e;
    if (cause instanceof ProviderException) {
      return new StoreException(
          Kind.MISCONFIGURED, what + ": there are no keys of the store (give s3.access-key)", e);
    }
    if (cause instanceof IllegalArgumentException) { // the SDK's own check of names
      Kind kind = way == Way.READING ? Kind.DENIED : Kind.MISCONFIGURED;
      return new StoreException(kind, what + ": " + cause.getMessage(), e);
    }
    // The SDK reads some headers unchecked.
    return new StoreException(
        Kind.UNAVAILABLE, what + ": the store's answer cannot be understood", e);
  }

  private static String code(ErrorResponseException e) {
    String code = e.errorResponse().code();
    return code == null ? "" : code;
  }

  private static boolean isUntrusted(Exception e) {
    return e instanceof SSLPeerUnverifiedException || e.getCause() instanceof CertificateException;
  }
}
