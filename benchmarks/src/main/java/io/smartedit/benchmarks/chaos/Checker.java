package io.smartedit.benchmarks.chaos;

import static java.util.Objects.requireNonNull;

import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.Result;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import io.smartedit.benchmarks.chaos.Sender.Sent;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.OutputFormat;
import io.smartedit.events.Status;
import io.smartedit.standalone.local.LocalS3;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Holds what was sent against the topics of terminal events and the store, and against nothing
 * else.
 */
final class Checker {

  private static final long MAX_IMAGE = 1 << 24;

  private final Rig rig;
  private final S3ObjectStore store;
  private final boolean unchanged;
  private final Map<String, List<SpecificRecord>> events = new HashMap<>();
  private final Map<Violation, List<String>> violations = new LinkedHashMap<>();
  private final Set<String> outputs = new HashSet<>();
  private final Map<String, Integer> ends = new TreeMap<>();
  private int redone;

  /** What must not be. */
  enum Violation {
    NO_EVENT("requests without a terminal event"),
    TWO_EVENTS("requests with more than one"),
    NOT_SENT("events of requests that nobody sent"),
    INNOCENT_FAILED("sound requests that did not complete"),
    WRONG_END("others that ended otherwise than they must"),
    BYTES_LOST("undecodable records whose event has other bytes"),
    DAMAGED("images that are missing, damaged, another's, or not as their event says"),
    ORPHAN("objects in the output bucket that belong to no event");

    private final String words;

    Violation(String words) {
      this.words = words;
    }
  }

  /**
   * @param unchanged whether the engine changes nothing, so that PNG must equal its source
   */
  Checker(Rig rig, S3ObjectStore store, boolean unchanged) {
    this.rig = rig;
    this.store = store;
    this.unchanged = unchanged;
    for (Violation violation : Violation.values()) {
      violations.put(violation, new ArrayList<>());
    }
  }

  void check(List<Order> orders, List<Sent> rubbish) throws IOException {
    try (Terminal terminal = new Terminal(rig)) {
      terminal.readAll(record -> keep(terminal.event(record)));
    }
    Map<String, Image> images = new HashMap<>();
    for (Order order : orders) {
      if (order.request() != null) {
        request(order, order.request(), images);
      }
    }
    rubbish.forEach(this::undecodable);
    events.keySet().forEach(id -> add(Violation.NOT_SENT, id));
    orphans();
  }

  private void keep(SpecificRecord event) {
    String id =
        event instanceof EditCompleted completed
            ? completed.getRequestId()
            : ((EditFailed) event).getRequestId();
    events.computeIfAbsent(id, key -> new ArrayList<>()).add(event);
  }

  /** The one event of an id; none where there are none or several, which is said. */
  private Optional<SpecificRecord> single(String id) {
    List<SpecificRecord> own = events.remove(id);
    if (own == null) {
      add(Violation.NO_EVENT, id);
      return Optional.empty();
    }
    if (own.size() > 1) {
      add(Violation.TWO_EVENTS, id + ": " + own.size());
    }
    return Optional.of(own.get(0));
  }

  private void request(Order order, EditRequested request, Map<String, Image> images) {
    single(request.getRequestId())
        .ifPresent(
            event -> {
              if (event instanceof EditCompleted completed) {
                count("COMPLETED");
                redone += completed.getCost().getAttempts() > 1 ? 1 : 0;
                completed(order, completed, images);
              } else {
                failed(order, (EditFailed) event);
              }
            });
  }

  private void failed(Order order, EditFailed failed) {
    count(failed.getStatus().name());
    boolean right =
        switch (order.kind()) {
          case SOUND, HTTP, BULK, TURN -> false;
          case CANCELLED -> failed.getStatus() == Status.CANCELLED;
          case UNSOUND, UNDECODABLE -> failed.getStatus() == Status.REJECTED;
          case LATE -> failed.getStatus() == Status.EXPIRED;
          case POISON -> failed.getStatus() == Status.FAILED;
        };
    if (!right) {
      add(
          order.kind().isInnocent() ? Violation.INNOCENT_FAILED : Violation.WRONG_END,
          order.kind()
              + " "
              + failed.getRequestId()
              + ": "
              + failed.getStatus()
              + ", "
              + failed.getFailure().getMessage());
    }
  }

  private void completed(Order order, EditCompleted completed, Map<String, Image> images) {
    if (!order.kind().isInnocent() && order.kind() != Order.Kind.CANCELLED) {
      add(Violation.WRONG_END, order.kind() + " " + completed.getRequestId() + ": completed");
    }
    EditResult result = completed.getResult();
    outputs.add(result.getOutput());
    try {
      byte[] bytes = store.read(ObjectName.parse(result.getOutput()), MAX_IMAGE);
      Image image = ImageCodec.decode(bytes, ImageLimits.DEFAULT);
      boolean asSaid =
          bytes.length == result.getBytes()
              && sha(bytes).equals(result.getSha256())
              && image.width() == result.getWidth()
              && image.height() == result.getHeight();
      boolean png = completed.getRequest().getOptions().getFormat() == OutputFormat.PNG;
      boolean own = !unchanged || !png || same(image, source(completed, images));
      if (!asSaid || !own) {
        add(
            Violation.DAMAGED,
            completed.getRequestId() + (asSaid ? ": another image" : ": not as its event says"));
      }
    } catch (StoreException | BadRequestException e) {
      add(Violation.DAMAGED, completed.getRequestId() + ": " + e.getMessage());
    }
  }

  private Image source(EditCompleted completed, Map<String, Image> images) {
    String source = completed.getRequest().getSource();
    ObjectName name =
        source.startsWith("request:")
            ? new ObjectName(
                LocalStream.OUTBOX, completed.getTenant() + "/" + source.substring(8) + ".png")
            : ObjectName.parse(source);
    return images.computeIfAbsent(
        source,
        key -> {
          ObjectName there =
              store.metadata(name).isPresent()
                  ? name
                  : new ObjectName(name.bucket(), name.key().replace(".png", ".jpg"));
          return ImageCodec.decode(store.read(there, MAX_IMAGE), ImageLimits.DEFAULT);
        });
  }

  private static boolean same(Image one, Image other) {
    return one.width() == other.width()
        && one.height() == other.height()
        && Arrays.equals(one.rgb(), other.rgb());
  }

  private void undecodable(Sent sent) {
    RecordMetadata place = place(sent.place());
    byte[] bytes = requireNonNull(sent.order().bytes());
    single(place.topic() + "-" + place.partition() + "-" + place.offset())
        .ifPresent(
            event -> {
              if (!(event instanceof EditFailed failed)) {
                add(Violation.WRONG_END, "undecodable at " + place + ": completed");
                return;
              }
              failed(sent.order(), failed);
              if (!ByteBuffer.wrap(bytes).equals(failed.getRaw())) {
                add(Violation.BYTES_LOST, place.toString());
              }
            });
  }

  private static RecordMetadata place(Future<RecordMetadata> sent) {
    try {
      return sent.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("not sent", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void orphans() throws IOException {
    MinioClient client =
        MinioClient.builder()
            .endpoint(rig.storeUrl())
            .credentials(LocalS3.ACCESS_KEY, LocalS3.SECRET_KEY)
            .build();
    ListObjectsArgs all =
        ListObjectsArgs.builder().bucket(LocalStream.OUTBOX).recursive(true).build();
    try {
      for (Result<Item> item : client.listObjects(all)) {
        String name = new ObjectName(LocalStream.OUTBOX, item.get().objectName()).toString();
        if (!outputs.contains(name)) {
          add(Violation.ORPHAN, name);
        }
      }
    } catch (MinioException | GeneralSecurityException e) {
      throw new IOException("cannot list the output bucket: " + e.getMessage(), e);
    }
  }

  private static String sha(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  private void count(String end) {
    ends.merge(end, 1, Integer::sum);
  }

  private void add(Violation violation, String what) {
    requireNonNull(violations.get(violation)).add(what);
  }

  boolean isClean() {
    return violations.values().stream().allMatch(List::isEmpty);
  }

  /** How the requests ended, and each violation with what it was seen on. */
  List<String> report() {
    List<String> lines = new ArrayList<>();
    ends.forEach((end, count) -> lines.add(String.format("%6d  %s", count, end)));
    lines.add(String.format("%6d  completed after more than one attempt", redone));
    violations.forEach(
        (violation, seen) -> {
          lines.add(String.format("%6d  %s", seen.size(), violation.words));
          seen.forEach(one -> lines.add("          " + one));
        });
    return lines;
  }
}
