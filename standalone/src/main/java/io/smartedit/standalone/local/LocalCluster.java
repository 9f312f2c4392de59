package io.smartedit.standalone.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.service.TopicSettings;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Broker, registry and S3 server over one data folder. A restart over the same folder finds
 * everything that was there, on the same ports where they are free.
 */
public final class LocalCluster implements AutoCloseable {

  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);
  private static final String ENDPOINTS = "endpoints.json";

  private final Path file;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Endpoints endpoints;
  private final int httpPort;

  /** Where everything is, as written to {@code endpoints.json}. */
  public record Endpoints(
      String bootstrap,
      String registry,
      String s3,
      String accessKey,
      String secretKey,
      String http) {

    Endpoints withHttp(String address) {
      return new Endpoints(bootstrap, registry, s3, accessKey, secretKey, address);
    }

    /** As settings of a service. */
    public Map<String, String> settings() {
      return Map.of(
          "kafka.bootstrap", bootstrap,
          "registry.url", registry,
          "s3.endpoint", s3,
          "s3.access-key", accessKey,
          "s3.secret-key", secretKey);
    }

    /** A client of the S3 server. */
    public S3ObjectStore store() {
      return new S3ObjectStore(s3, accessKey, secretKey, STORE_TIMEOUT);
    }
  }

  private LocalCluster(Path folder, TopicSettings topics) throws IOException {
    file = folder.resolve(ENDPOINTS);
    parts.push(locked(folder));
    try {
      withdraw(); // of a run that was killed
      Ports ports = Ports.of(folder);
      LocalKafka kafka =
          LocalKafka.start(folder.resolve("kafka"), ports.kafka(), ports.controller());
      parts.push(kafka);
      LocalRegistry registry = LocalRegistry.start(kafka.bootstrap(), ports.registry());
      parts.push(registry);
      LocalS3 s3 = LocalS3.start(folder.resolve("s3"), ports.s3());
      parts.push(s3);
      kafka.createTopics(topics);
      endpoints =
          new Endpoints(
              kafka.bootstrap(),
              registry.url(),
              s3.endpoint(),
              LocalS3.ACCESS_KEY,
              LocalS3.SECRET_KEY,
              "http://127.0.0.1:" + ports.http());
      httpPort = ports.http();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  public static LocalCluster start(Path folder) throws IOException {
    return start(folder, TopicSettings.DEFAULT);
  }

  /** As the other, with other partitions. */
  public static LocalCluster start(Path folder, TopicSettings topics) throws IOException {
    return new LocalCluster(Files.createDirectories(folder), topics);
  }

  public Endpoints endpoints() {
    return endpoints;
  }

  /** Two brokers must not write to one folder. */
  private static FileChannel locked(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException("data folder " + folder + " is in use by this process", e);
    }
    channel.close();
    throw new IOException("data folder " + folder + " is in use by another process");
  }

  /** Writes {@code endpoints.json}, at once and whole: who finds it may begin. */
  public void announce(Endpoints ready) throws IOException {
    Path written = file.resolveSibling(ENDPOINTS + ".new");
    Files.write(
        written, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(ready));
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Takes {@code endpoints.json} away, so that nobody begins any more. */
  public void withdraw() throws IOException {
    Files.deleteIfExists(file);
  }

  /** The front door's port; the door itself is opened by whoever runs the services. */
  public int httpPort() {
    return httpPort;
  }

  @Override
  public void close() throws IOException {
    withdraw();
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (IOException e) {
        throw e;
      } catch (Exception e) { // AutoCloseable declares no narrower type
        throw new IOException("cannot close a part of the local cluster", e);
      }
    }
  }

  /** Ports, kept in the data folder: clients that know them find the cluster after a restart. */
  private record Ports(int kafka, int controller, int registry, int s3, int http) {
    private static Ports of(Path folder) throws IOException {
      Path file = folder.resolve("ports.json");
      ObjectMapper json = new ObjectMapper();
      if (Files.exists(file)) {
        Ports known = json.readValue(file.toFile(), Ports.class);
        if (known.all().allMatch(Ports::free)) {
          return known;
        }
      }
      Ports ports = new Ports(free(), free(), free(), free(), free());
      json.writeValue(file.toFile(), ports);
      return ports;
    }

    private IntStream all() {
      return IntStream.of(kafka, controller, registry, s3, http);
    }

    private static int free() {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static boolean free(int port) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort() == port;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
