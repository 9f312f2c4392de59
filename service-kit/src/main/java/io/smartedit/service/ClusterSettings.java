package io.smartedit.service;

import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Where the cluster is; the settings that every service has.
 *
 * @param kafka what every Kafka client is given, by Kafka's names
 * @param topics how many partitions the topics have
 * @param registersSchemas whether schemas that are new to the registry are registered
 */
public record ClusterSettings(
    Map<String, Object> kafka,
    TopicSettings topics,
    String registryUrl,
    String registryUser,
    boolean registersSchemas,
    String s3,
    String s3Region,
    S3Keys keys) {

  private static final Setting<String> BOOTSTRAP =
      Setting.text("kafka.bootstrap", "Kafka's addresses, HOST:PORT, separated by commas.", null);
  private static final Setting<String> REGISTRY =
      Setting.text(
          "registry.url",
          "The schema registry, a URL; several separated by commas, of which one that answers is"
              + " asked.",
          null);
  private static final Setting<String> REGISTRY_USER =
      Setting.secret("registry.user-info", "USER:PASSWORD of the schema registry.", "");
  private static final Setting<Boolean> REGISTRY_REGISTER =
      Setting.flag(
          "registry.register",
          "Whether schemas that the registry does not have are registered, true or false; false"
              + " where somebody else registers them.",
          "true");
  private static final Setting<String> S3 =
      Setting.text("s3.endpoint", "The S3-compatible store, a URL.", null);
  private static final Setting<String> S3_REGION =
      Setting.text("s3.region", "The store's region, for which requests are signed.", "us-east-1");
  private static final Setting<String> S3_ACCESS =
      Setting.secret(
          "s3.access-key",
          "Access key of the store; empty where the keys are found as AWS's tools find them"
              + " (environment, ~/.aws/credentials, web identity, container, machine).",
          "");
  private static final Setting<String> S3_SECRET =
      Setting.secret("s3.secret-key", "Secret key of the store.", "");

  /** Declared by every service. */
  public static final List<Setting<?>> DECLARED = declared(S3, S3_REGION, S3_ACCESS, S3_SECRET);

  /** Declared by a service that uses no store. */
  public static final List<Setting<?>> WITHOUT_STORE = declared();

  private static final S3Keys NO_KEYS = new S3Keys("", "");

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

  private static List<Setting<?>> declared(Setting<?>... ofStore) {
    List<Setting<?>> all = new ArrayList<>();
    all.add(BOOTSTRAP);
    all.addAll(TopicSettings.DECLARED);
    all.addAll(List.of(REGISTRY, REGISTRY_USER, REGISTRY_REGISTER));
    all.addAll(List.of(ofStore));
    return List.copyOf(all);
  }

  public static ClusterSettings of(Settings settings) {
    return of(
        settings,
        settings.get(S3),
        settings.get(S3_REGION),
        new S3Keys(settings.get(S3_ACCESS), settings.get(S3_SECRET)));
  }

  /** Of a service that declared {@link #WITHOUT_STORE}. */
  public static ClusterSettings withoutStore(Settings settings) {
    return of(settings, "", "", NO_KEYS);
  }

  private static ClusterSettings of(Settings settings, String s3, String region, S3Keys keys) {
    Map<String, Object> kafka = new HashMap<>(settings.kafkaClient());
    kafka.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.get(BOOTSTRAP));
    return new ClusterSettings(
        kafka,
        TopicSettings.of(settings),
        settings.get(REGISTRY),
        settings.get(REGISTRY_USER),
        settings.get(REGISTRY_REGISTER),
        s3,
        region,
        keys);
  }

  /** A plain cluster, without TLS and passwords. */
  public static ClusterSettings plain(
      String bootstrap, String registryUrl, String s3, S3Keys keys) {
    return new ClusterSettings(
        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
        TopicSettings.DEFAULT,
        registryUrl,
        "",
        true,
        s3,
        "us-east-1",
        keys);
  }

  /** A client of the schema registry. */
  public SchemaRegistry registry() {
    return new HttpSchemaRegistry(
        registryUrl, registryUser.isEmpty() ? null : registryUser, registersSchemas);
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "ClusterSettings[" + registryUrl + ", " + s3 + "]";
  }
}
