package io.smartedit.benchmarks.chaos;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Photographs of 63 megapixels through a worker with a heap of 1 GiB, all asked for at once. Each
 * is 189 MB once it is decoded.
 *
 * <p>Usage: {@code LargeImages MODEL [COUNT]}. Ends with 1 where one did not complete.
 */
final class LargeImages {

  private static final int WIDTH = 9000;
  private static final int HEIGHT = 7000;
  private static final int COUNT = 20;
  private static final int SIZE = 64;
  private static final Duration LIMIT = Duration.ofMinutes(15);

  private LargeImages() {}

  public static void main(String[] arguments) throws Exception {
    Path model = Path.of(arguments[0]).toAbsolutePath();
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : COUNT;
    Path folder = Files.createTempDirectory("large-images");
    boolean all;
    try (Rig rig =
        new Rig(folder, new Rig.Layout(1, 1, "1g", Duration.ZERO, model, List.of(), false))) {
      rig.start();
      all = run(rig, count);
    }
    System.exit(all ? 0 : 1);
  }

  private static boolean run(Rig rig, int count) throws IOException, InterruptedException {
    byte[] jpeg = photograph();
    System.out.printf("%d JPEG of %dx%d, %.1f MB each%n", count, WIDTH, HEIGHT, jpeg.length / 1e6);
    Instant begin = Instant.now();
    try (Terminal terminal = new Terminal(rig);
        S3ObjectStore store = rig.objects()) {
      send(rig, store, jpeg, count);
      Map<String, SpecificRecord> ends = new HashMap<>();
      while (ends.size() < count && begin.plus(LIMIT).isAfter(Instant.now())) {
        rig.supervise();
        terminal.poll(
            record -> {
              SpecificRecord event = terminal.event(record);
              ends.put(record.key(), event);
              System.out.printf(
                  "%6.1f s  %d of %d  %s%n",
                  Duration.between(begin, Instant.now()).toMillis() / 1e3,
                  ends.size(),
                  count,
                  event instanceof EditFailed failed ? failed.getFailure() : "completed");
            });
      }
      long completed = ends.values().stream().filter(EditCompleted.class::isInstance).count();
      System.out.printf(
          "%d of %d completed; the worker ended %d times by itself%n",
          completed, count, rig.worker(0).ownEnds());
      return completed == count;
    }
  }

  private static void send(Rig rig, S3ObjectStore store, byte[] jpeg, int count) {
    try (KafkaProducer<String, EditRequested> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, rig.bootstrap()),
            new StringSerializer(),
            new EventSerializer<>(new HttpSchemaRegistry(rig.registryUrl(), null)))) {
      for (int i = 0; i < count; i++) {
        ObjectName name = new ObjectName(LocalStream.INBOX, "large/" + i + ".jpg");
        store.write(name, jpeg, "image/jpeg", Map.of());
        EditRequested request =
            EditRequested.newBuilder()
                .setRequestId("large-" + i)
                .setSource(name.toString())
                .setInstruction("remove the smaller cat")
                .setOptions(EditSettings.newBuilder().setSteps(1).setSize(SIZE).build())
                .setRequestedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
                .build();
        var unused =
            producer.send(new ProducerRecord<>(Topics.of(request), Topics.key(request), request));
      }
    }
  }

  /** Soft stripes: what matters is how many pixels there are. */
  private static byte[] photograph() throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
    byte[] pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) ((i / 64) ^ (i / (WIDTH * 3 * 16)));
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", jpeg);
    return jpeg.toByteArray();
  }
}
