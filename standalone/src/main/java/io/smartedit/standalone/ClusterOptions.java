package io.smartedit.standalone;

import io.smartedit.standalone.local.LocalCluster.Endpoints;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a cluster is. Secrets come from the environment, so that no process list shows them. */
final class ClusterOptions {

  @Option(names = "--bootstrap", required = true, description = "Kafka, HOST:PORT.")
  private String bootstrap = "";

  @Option(names = "--registry", required = true, description = "Schema registry, a URL.")
  private String registry = "";

  @Option(names = "--s3", required = true, description = "S3-compatible store, a URL.")
  private String s3 = "";

  Endpoints endpoints() {
    return new Endpoints(
        bootstrap,
        registry,
        s3,
        System.getenv().getOrDefault("S3_ACCESS_KEY", ""),
        System.getenv().getOrDefault("S3_SECRET_KEY", ""));
  }

  /** {@code user:password}, or none. */
  @Nullable String registryUser() {
    return System.getenv("SCHEMA_REGISTRY_USER_INFO");
  }
}
