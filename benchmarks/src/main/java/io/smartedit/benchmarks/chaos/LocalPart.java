package io.smartedit.benchmarks.chaos;

import io.smartedit.standalone.local.LocalKafka;
import io.smartedit.standalone.local.LocalRegistry;
import io.smartedit.standalone.local.LocalS3;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Broker, registry or S3 server as a process of its own.
 *
 * <p>Usage: {@code LocalPart broker FOLDER PORT CONTROLLER_PORT}, {@code LocalPart registry
 * BOOTSTRAP PORT} or {@code LocalPart store FOLDER PORT}. Runs until it is killed.
 */
final class LocalPart {

  private LocalPart() {}

  @SuppressWarnings("try") // held open until the process ends
  public static void main(String[] arguments) throws IOException, InterruptedException {
    try (AutoCloseable part = start(arguments)) {
      new CountDownLatch(1).await();
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) { // AutoCloseable declares no narrower type
      throw new IOException("cannot close the " + arguments[0], e);
    }
  }

  private static AutoCloseable start(String[] arguments) throws IOException {
    int port = Integer.parseInt(arguments[2]);
    switch (arguments[0]) {
      case "broker" -> {
        LocalKafka kafka =
            LocalKafka.start(Path.of(arguments[1]), port, Integer.parseInt(arguments[3]));
        kafka.createTopics();
        return kafka;
      }
      case "registry" -> {
        return LocalRegistry.start(arguments[1], port);
      }
      case "store" -> {
        return LocalS3.start(Path.of(arguments[1]), port);
      }
      default -> throw new IllegalArgumentException(arguments[0] + " is no part of a cluster");
    }
  }
}
