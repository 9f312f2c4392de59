package io.smartedit.store;

import io.minio.credentials.AwsConfigProvider;
import io.minio.credentials.AwsEnvironmentProvider;
import io.minio.credentials.ChainedProvider;
import io.minio.credentials.Credentials;
import io.minio.credentials.IamAwsProvider;
import io.minio.credentials.Provider;
import io.minio.credentials.StaticProvider;
import java.security.ProviderException;
import java.time.Duration;
import okhttp3.OkHttpClient;

/**
 * The keys that requests are signed with: those that were given, else those that AWS's own tools
 * would find. What was found is looked for anew once the store has refused it, so that rotated keys
 * need no restart. Thread-safe.
 */
final class S3Credentials implements Provider {

  /** A machine outside AWS has nobody at the address that AWS's machines ask. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final S3Settings settings;
  private volatile Provider provider;

  S3Credentials(S3Settings settings) {
    this.settings = settings;
    provider = provider(settings);
  }

  private static Provider provider(S3Settings settings) {
    if (!settings.accessKey().isEmpty()) {
      return new StaticProvider(settings.accessKey(), settings.secretKey(), null);
    }
    OkHttpClient http =
        new OkHttpClient.Builder()
            .connectTimeout(PATIENCE)
            .readTimeout(PATIENCE)
            .callTimeout(PATIENCE.multipliedBy(2))
            .build();
    return new ChainedProvider(
        orNone(new AwsEnvironmentProvider()),
        orNone(new AwsConfigProvider(null, null)),
        orNone(new IamAwsProvider(null, http)));
  }

  /** The SDK's own fail in other ways than the chain expects where there are no keys. */
  private static Provider orNone(Provider provider) {
    return () -> {
      try {
        return provider.fetch();
      } catch (NullPointerException | IllegalArgumentException e) {
        throw new ProviderException("no keys", e);
      }
    };
  }

  /**
   * @throws ProviderException where there are none
   */
  @Override
  public Credentials fetch() {
    return provider.fetch();
  }

  /** The store has refused them. */
  void forget() {
    provider = provider(settings);
  }
}
