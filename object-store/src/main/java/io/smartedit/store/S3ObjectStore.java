package io.smartedit.store;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.StatObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.smartedit.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import okhttp3.OkHttpClient;

/** A store that speaks S3. */
public final class S3ObjectStore implements ObjectStore {

  private static final Map<String, String> UNLESS_TAKEN = Map.of("If-None-Match", "*");

  private final MinioClient client;
  private final OkHttpClient http;

  /**
   * @param timeout for connecting, and for every silence of the store while reading or writing
   */
  public S3ObjectStore(String endpoint, String accessKey, String secretKey, Duration timeout) {
    http =
        new OkHttpClient.Builder()
            .connectTimeout(timeout)
            .readTimeout(timeout)
            .writeTimeout(timeout)
            .build();
    client =
        MinioClient.builder()
            .endpoint(endpoint)
            .credentials(accessKey, secretKey)
            .httpClient(http)
            .build();
  }

  @Override
  public byte[] read(ObjectName name, long maxBytes) {
    return call(
        name.toString(),
        () -> {
          GetObjectArgs get =
              GetObjectArgs.builder().bucket(name.bucket()).object(name.key()).build();
          try (GetObjectResponse response = client.getObject(get)) {
            byte[] bytes = response.readNBytes((int) Math.min(maxBytes + 1, Integer.MAX_VALUE - 8));
            if (bytes.length > maxBytes) {
              throw new StoreException(
                  Kind.TOO_LARGE, name + " has more than " + maxBytes + " bytes");
            }
            String declared = response.headers().get("Content-Length");
            if (declared != null && Long.parseLong(declared) != bytes.length) {
              throw new StoreException(Kind.UNAVAILABLE, name + " was cut off on its way");
            }
            return bytes;
          }
        });
  }

  @Override
  public void write(ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    PutObjectArgs put = put(name, bytes, mediaType, metadata).build();
    call(name.toString(), () -> client.putObject(put));
  }

  @Override
  public boolean writeNew(
      ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    PutObjectArgs put = put(name, bytes, mediaType, metadata).headers(UNLESS_TAKEN).build();
    return call(
        name.toString(),
        () -> {
          try {
            client.putObject(put);
            return true;
          } catch (ErrorResponseException e) {
            if (e.response().code() == HttpURLConnection.HTTP_PRECON_FAILED) {
              return false;
            }
            throw e;
          }
        });
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

  @Override
  public Optional<Map<String, String>> metadata(ObjectName name) {
    StatObjectArgs stat = StatObjectArgs.builder().bucket(name.bucket()).object(name.key()).build();
    try {
      return Optional.of(
          call(name.toString(), () -> lowerCased(client.statObject(stat).userMetadata())));
    } catch (StoreException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** HTTP headers come back in whatever case the server likes. */
  private static Map<String, String> lowerCased(Map<String, String> metadata) {
    Map<String, String> result = new HashMap<>();
    metadata.forEach((key, value) -> result.put(key.toLowerCase(Locale.ROOT), value));
    return result;
  }

  @Override
  public void ensureBucket(String bucket) {
    call(
        "bucket " + bucket,
        () -> {
          if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
            client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
          }
          return bucket;
        });
  }

  @Override
  public void close() {
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  private interface Call<T> {
    T run() throws MinioException, IOException, GeneralSecurityException;
  }

  private static <T> T call(String what, Call<T> call) {
    try {
      return call.run();
    } catch (ErrorResponseException e) {
      throw new StoreException(kind(e), what + ": " + e.errorResponse().code(), e);
    } catch (MinioException | IOException e) {
      throw new StoreException(Kind.UNAVAILABLE, what + ": the store does not answer properly", e);
    } catch (GeneralSecurityException e) {
      throw new StoreException(Kind.DENIED, what + ": the request cannot be signed", e);
    }
  }

  private static Kind kind(ErrorResponseException e) {
    return switch (e.errorResponse().code()) {
      case "NoSuchKey", "NoSuchBucket", "NoSuchObject", "ResourceNotFound" -> Kind.NOT_FOUND;
      case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch" -> Kind.DENIED;
      default -> e.response().code() == 404 ? Kind.NOT_FOUND : Kind.UNAVAILABLE;
    };
  }
}
