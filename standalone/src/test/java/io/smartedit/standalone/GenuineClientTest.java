package io.smartedit.standalone;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalCluster;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Confluent's own clients beside ours, both directions. */
final class GenuineClientTest {

  private static final String SUBJECT = Topics.CANCELLED + "-value";

  @TempDir private Path folder = Path.of("");

  @Test
  void confluentsRegistryClientAndOursGiveOneSchemaOneId() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(folder);
        CachedSchemaRegistryClient genuine =
            new CachedSchemaRegistryClient(cluster.endpoints().registry(), 10)) {
      int id = genuine.register(SUBJECT, new AvroSchema(EditCancelled.getClassSchema().toString()));

      assertThat(
              new HttpSchemaRegistry(cluster.endpoints().registry(), null)
                  .register(SUBJECT, EditCancelled.getClassSchema()))
          .isEqualTo(id);
      assertThat(genuine.getLatestSchemaMetadata(SUBJECT).getId()).isEqualTo(id);
      assertThat(genuine.getAllVersions(SUBJECT)).containsExactly(1);
      assertThatThrownBy(() -> genuine.register(SUBJECT, new AvroSchema("{\"type\": \"string\"}")))
          .isInstanceOf(RestClientException.class)
          .hasMessageContaining("incompatible");
    }
    try (LocalCluster restarted = LocalCluster.start(folder);
        CachedSchemaRegistryClient genuine =
            new CachedSchemaRegistryClient(restarted.endpoints().registry(), 10)) {
      assertThat(genuine.getAllSubjects()).containsExactly(SUBJECT);
      assertThat(genuine.getLatestSchemaMetadata(SUBJECT).getVersion()).isEqualTo(1);
    }
  }

  @Test
  void whatWeWriteIsReadByAvroAloneWithConfluentsClientAndBack() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(folder);
        CachedSchemaRegistryClient genuine =
            new CachedSchemaRegistryClient(cluster.endpoints().registry(), 10)) {
      HttpSchemaRegistry ours = new HttpSchemaRegistry(cluster.endpoints().registry(), null);
      EditCancelled event =
          EditCancelled.newBuilder()
              .setRequestId("r-1")
              .setCancelledAt(Instant.ofEpochMilli(1_700_000_000_000L))
              .build();

      byte[] bytes = requireNonNull(new EventSerializer<>(ours).serialize(Topics.CANCELLED, event));

      ByteBuffer wire = ByteBuffer.wrap(bytes);
      assertThat(wire.get()).isZero();
      String text = genuine.getSchemaById(wire.getInt()).canonicalString();
      GenericRecord read =
          new GenericDatumReader<GenericRecord>(new Schema.Parser().parse(text))
              .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
      assertThat(read.get("requestId")).hasToString("r-1");
      assertThat(
              new EventDeserializer<EditCancelled>(ours, EditCancelled.getClassSchema())
                  .deserialize(Topics.CANCELLED, bytes))
          .isEqualTo(event);
    }
  }

  /** {@code docs/clients/submit.py}, where Python has confluent-kafka. */
  @Test
  void thePythonClientSendsARequestAndReadsItsEvent() throws Exception {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    assumeTrue(
        run(python, "-c", "import confluent_kafka.schema_registry.avro") == 0,
        "there is no confluent-kafka for " + python);
    Path toy = Path.of("../editor/src/test/resources/parity/tiny");
    SmartEdit editor = SmartEdit.open(toy, SmartEdit.Settings.DEFAULT);
    try (LocalStream stream = LocalStream.start(folder, editor, "toy", 4);
        S3ObjectStore store = stream.endpoints().store()) {
      await("the stream").atMost(Duration.ofMinutes(1)).until(stream::isReady);
      ObjectName source = new ObjectName(LocalStream.INBOX, "source.png");
      store.write(source, Files.readAllBytes(toy.resolve("source.png")), "image/png", Map.of());

      int code =
          run(
              python,
              "../docs/clients/submit.py",
              "../schemas/src/main/avro",
              stream.endpoints().bootstrap(),
              stream.endpoints().registry(),
              source.toString(),
              "remove the smaller cat");

      assertThat(code).isZero();
    }
  }

  private static int run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(List.of(command))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1; // no such program
    }
  }
}
