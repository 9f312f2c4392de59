package io.smartedit.service;

import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Where the cluster is; the settings that every service has.
 *
 * @param kafka what every Kafka client is given, by Kafka's names
 */
public record ClusterSettings(
    Map<String, Object> kafka, String registryUrl, String registryUser, String s3, S3Keys keys) {

  private static final Setting<String> BOOTSTRAP =
      Setting.text("kafka.bootstrap", "Kafka's addresses, HOST:PORT, separated by commas.", null);
  private static final Setting<String> REGISTRY =
      Setting.text("registry.url", "The schema registry.", null);
  private static final Setting<String> REGISTRY_USER =
      Setting.secret("registry.user-info", "USER:PASSWORD of the schema registry.", "");
  private static final Setting<String> S3 =
      Setting.text("s3.endpoint", "The S3-compatible store, a URL.", null);
  private static final Setting<String> S3_ACCESS =
      Setting.secret("s3.access-key", "Access key of the store.", "");
  private static final Setting<String> S3_SECRET =
      Setting.secret("s3.secret-key", "Secret key of the store.", "");

  /** Declared by every service. */
  public static final List<Setting<?>> DECLARED =
      List.of(BOOTSTRAP, REGISTRY, REGISTRY_USER, S3, S3_ACCESS, S3_SECRET);

  /** Keys of the store. */
  public record S3Keys(String access, String secret) {
    /** Shows nothing. */
    @Override
    public String toString() {
      return "S3Keys";
    }
  }

  public ClusterSettings {
    kafka = Map.copyOf(kafka);
  }

  public static ClusterSettings of(Settings settings) {
    Map<String, Object> kafka = new HashMap<>(settings.kafkaClient());
    kafka.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.get(BOOTSTRAP));
    return new ClusterSettings(
        kafka,
        settings.get(REGISTRY),
        settings.get(REGISTRY_USER),
        settings.get(S3),
        new S3Keys(settings.get(S3_ACCESS), settings.get(S3_SECRET)));
  }

  /** A plain cluster, without TLS and passwords. */
  public static ClusterSettings plain(
      String bootstrap, String registryUrl, String s3, S3Keys keys) {
    return new ClusterSettings(
        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap), registryUrl, "", s3, keys);
  }

  /** A client of the schema registry. */
  public SchemaRegistry registry() {
    return new HttpSchemaRegistry(registryUrl, registryUser.isEmpty() ? null : registryUser);
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "ClusterSettings[" + registryUrl + ", " + s3 + "]";
  }
}
