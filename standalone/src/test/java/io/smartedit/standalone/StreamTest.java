package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.Provenance;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.FailureKind;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.events.Variant;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stream on a real broker, registry and store, with the toy checkpoint. */
final class StreamTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private static Path folder = Path.of("");

  private static LocalStream stream;
  private static S3ObjectStore store;

  private final Map<String, List<SpecificRecord>> terminal = new HashMap<>();
  private EventStream events;
  private Requests requests;

  @BeforeAll
  static void start() throws IOException {
    stream = LocalStream.start(folder, SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT), "toy", 4);
    await("the stream").atMost(LIMIT).until(stream::isReady);
    store = stream.endpoints().store();
    store.write(source(), Files.readAllBytes(TOY.resolve("source.png")), "image/png", Map.of());
  }

  @AfterAll
  static void stop() throws IOException {
    store.close();
    stream.close();
  }

  @BeforeEach
  void listen() {
    events = new EventStream(stream.endpoints(), false);
    requests = new Requests(stream.endpoints());
  }

  @AfterEach
  void close() {
    events.close();
    requests.close();
  }

  @Test
  void aRequestEndsInOneCompletedEventAndAWholeImage() {
    EditRequested request = request().build();

    requests.send(request);

    EditCompleted completed = (EditCompleted) only(request);
    assertThat(completed.getRequest()).isEqualTo(request);
    assertThat(completed.getCost().getAttempts()).isEqualTo(1);
    ObjectName output = ObjectName.parse(completed.getResult().getOutput());
    byte[] image = store.read(output, 1 << 20);
    assertThat(image).hasSize((int) completed.getResult().getBytes());
    assertThat(ImageCodec.decode(image, ImageLimits.DEFAULT)).hasToString("Image[97x75]");
    String term = Provenance.digitalSourceType(completed.getResult().getChanged().getShare() == 1);
    assertThat(new String(image, StandardCharsets.ISO_8859_1))
        .contains("/" + term + "\"", request.getRequestId());
    assertThat(store.metadata(output).orElseThrow()).containsEntry("digital-source-type", term);
  }

  @Test
  void severalAnswersAreOneEventAndAnImageEach() {
    EditRequested request = request().setOptions(options().setVariants(3).build()).build();

    requests.send(request);

    EditResult result = ((EditCompleted) only(request)).getResult();
    Set<String> digests = new HashSet<>(List.of(result.getSha256()));
    for (Variant variant : result.getVariants()) {
      byte[] image = store.read(ObjectName.parse(variant.getOutput()), 1 << 20);
      assertThat(image).hasSize((int) variant.getBytes());
      digests.add(variant.getSha256());
    }
    assertThat(digests).as("other noise, another image").hasSize(3);
    assertThat(result.getVariants()).extracting(Variant::getSeed).containsExactly(1L, 2L);
  }

  @Test
  void theSameRequestFiveTimesIsOneEvent() {
    EditRequested request = request().build();

    for (int i = 0; i < 5; i++) {
      requests.send(request);
    }
    EditRequested last = request().build();
    requests.send(last);

    only(last);
    assertThat(only(request)).isInstanceOf(EditCompleted.class);
  }

  @Test
  void aUsedIdForAnotherEditChangesNothing() {
    EditRequested request = request().build();
    requests.send(request);
    EditCompleted first = (EditCompleted) only(request);

    requests.send(EditRequested.newBuilder(request).setInstruction("something else").build());
    EditRequested last = request().build();
    requests.send(last);

    only(last);
    assertThat(only(request)).isEqualTo(first);
  }

  @Test
  void badRequestsAreRejectedWithTheReason() {
    Map<String, EditRequested> bad = new HashMap<>();
    bad.put("secrets is not among", request().setSource("s3://secrets/a.png").build());
    bad.put("https:// is not allowed", request().setSource("https://localhost/a").build());
    bad.put("does not start with s3://", request().setSource("file:///etc/passwd").build());
    bad.put("NoSuchKey", request().setSource("s3://pictures/none.png").build());
    bad.put("instruction is empty", request().setInstruction("  ").build());
    bad.put("reserved", request().setInstruction("<img_0>").build());
    bad.put("steps is 0", request().setOptions(options().setSteps(0).build()).build());
    bad.put("size is 13", request().setOptions(options().setSize(13).build()).build());
    bad.put("tenant must have", request().setTenant("../other").build());
    bad.put("sessionId is missing", request().setSource("request:other").build());

    bad.values().forEach(requests::send);

    bad.forEach(
        (reason, request) -> {
          EditFailed failed = (EditFailed) only(request);
          assertThat(failed.getStatus()).as(reason).isEqualTo(Status.REJECTED);
          assertThat(failed.getFailure().getKind()).isEqualTo(FailureKind.REJECTED);
          assertThat(failed.getFailure().getMessage()).contains(reason);
          assertThat(failed.getRequest()).isEqualTo(request);
        });
  }

  @Test
  void timesThatNoEventCanRepeatAreRejectedByName() {
    Map<String, EditRequested> odd = new HashMap<>();
    odd.put("requestedAt", request().setRequestedAt(Instant.ofEpochMilli(Long.MIN_VALUE)).build());
    odd.put("deadline", request().setDeadline(Instant.ofEpochMilli(Long.MAX_VALUE)).build());
    odd.values().forEach(requests::send);

    odd.forEach(
        (field, request) -> {
          EditFailed failed = (EditFailed) only(request);
          assertThat(failed.getStatus()).isEqualTo(Status.REJECTED);
          assertThat(failed.getFailure().getMessage()).startsWith(field);
          assertThat(failed.getRaw()).isNotNull();
        });
  }

  @Test
  void whatIsNoImageIsRejected() {
    ObjectName text = new ObjectName(LocalStream.INBOX, "text.png");
    store.write(text, new byte[1000], "image/png", Map.of());
    EditRequested request = request().setSource(text.toString()).build();

    requests.send(request);

    assertThat(((EditFailed) only(request)).getFailure().getMessage()).contains("not an image");
  }

  @Test
  void recordsThatAreNoRequestsEndInFailedEventsWithTheirBytes() throws Exception {
    byte[][] values = {
      {1, 2, 3}, new byte[0], ByteBuffer.allocate(9).putInt(1, 424242).array(), new byte[900_000]
    };
    Map<String, byte[]> sent = new HashMap<>();
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stream.endpoints().bootstrap()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      for (byte[] value : values) {
        var place = producer.send(new ProducerRecord<>(Topics.REQUESTED, "k", value)).get();
        sent.put(place.topic() + "-" + place.partition() + "-" + place.offset(), value);
      }
    }

    awaitEvents(sent.size());

    sent.forEach(
        (id, value) -> {
          EditFailed failed = (EditFailed) terminal.getOrDefault(id, List.of()).get(0);
          assertThat(failed.getStatus()).isEqualTo(Status.REJECTED);
          ByteBuffer raw = failed.getRaw();
          assertThat(raw).isNotNull();
          assertThat(raw.remaining()).isEqualTo(Math.min(value.length, 512 << 10));
        });
  }

  /** Compressed they pass the broker's limit; neither worker nor sink may choke on them. */
  @Test
  void requestsTooLargeToBeQuotedAreRefusedByTheirPlace() throws Exception {
    List<EditRequested> large =
        List.of(
            request().setRequestId("x".repeat(200_000)).build(),
            request().setInstruction("x".repeat(5_000_000)).build());
    List<String> places = new ArrayList<>();
    try (KafkaProducer<String, EditRequested> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                stream.endpoints().bootstrap(),
                "compression.type",
                "lz4",
                "max.request.size",
                10_000_000),
            new StringSerializer(),
            new EventSerializer<>(new HttpSchemaRegistry(stream.endpoints().registry(), null)))) {
      for (EditRequested request : large) {
        var place = producer.send(new ProducerRecord<>(Topics.REQUESTED, "k", request)).get();
        places.add(place.topic() + "-" + place.partition() + "-" + place.offset());
      }
    }
    EditRequested next = request().build();
    requests.send(next);

    assertThat(only(next)).isInstanceOf(EditCompleted.class);
    awaitEvents(3);
    assertThat(terminal.keySet()).containsAll(places);
  }

  @Test
  void turnsThatWaitForWhatWillNeverBeHoldUpNobody() {
    for (int i = 0; i < 40; i++) {
      requests.send(request().setSource("request:never").setSessionId("never-" + i).build());
    }
    EditRequested other = request().build();
    requests.send(other);

    assertThat(only(other)).isInstanceOf(EditCompleted.class);
  }

  @Test
  void aPassedDeadlineExpires() {
    EditRequested request = request().setDeadline(Instant.now().minusSeconds(1)).build();

    requests.send(request);

    assertThat(((EditFailed) only(request)).getStatus()).isEqualTo(Status.EXPIRED);
  }

  @Test
  void aCancelledEditEndsBetweenSteps() throws Exception {
    EditRequested request = request().setOptions(options().setSteps(1000).build()).build();
    requests.send(request);
    SchemaRegistry registry = new HttpSchemaRegistry(stream.endpoints().registry(), null);
    EditCancelled cancel =
        EditCancelled.newBuilder()
            .setRequestId(request.getRequestId())
            .setCancelledAt(Instant.now())
            .build();
    try (KafkaProducer<String, EditCancelled> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stream.endpoints().bootstrap()),
            new StringSerializer(),
            new EventSerializer<>(registry))) {
      producer.send(new ProducerRecord<>(Topics.CANCELLED, request.getRequestId(), cancel)).get();
    }

    assertThat(((EditFailed) only(request)).getStatus()).isEqualTo(Status.CANCELLED);
  }

  @Test
  void fortyEditsFlow() {
    List<EditRequested> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(request().setSessionId("s-" + i).build());
    }

    all.forEach(requests::send);

    all.forEach(request -> assertThat(only(request)).isInstanceOf(EditCompleted.class));
  }

  /** The one terminal event of a request, after everything under way has had its say. */
  private SpecificRecord only(EditRequested request) {
    await("an event of " + request.getRequestId())
        .atMost(LIMIT)
        .until(
            () -> {
              events.poll(this::keep);
              return terminal.containsKey(request.getRequestId());
            });
    events.poll(this::keep);
    assertThat(terminal.get(request.getRequestId())).hasSize(1);
    return terminal.getOrDefault(request.getRequestId(), List.of()).get(0);
  }

  private void awaitEvents(int count) {
    await(count + " events")
        .atMost(LIMIT)
        .until(
            () -> {
              events.poll(this::keep);
              return terminal.size() >= count;
            });
  }

  private void keep(SpecificRecord event) {
    if (event instanceof EditCompleted completed) {
      terminal.computeIfAbsent(completed.getRequestId(), id -> new ArrayList<>()).add(event);
    } else if (event instanceof EditFailed failed) {
      terminal.computeIfAbsent(failed.getRequestId(), id -> new ArrayList<>()).add(event);
    }
  }

  private static ObjectName source() {
    return new ObjectName(LocalStream.INBOX, "source.png");
  }

  private static EditRequested.Builder request() {
    return EditRequested.newBuilder()
        .setRequestId(UUID.randomUUID().toString())
        .setSource(source().toString())
        .setInstruction("remove the smaller cat")
        .setOptions(options().build())
        .setLabels(Map.of("sku", "4711"))
        .setRequestedAt(Instant.ofEpochMilli(System.currentTimeMillis()));
  }

  private static EditSettings.Builder options() {
    return EditSettings.newBuilder().setSteps(2).setSize(64);
  }
}
