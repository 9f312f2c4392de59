package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that knows nothing but the schemas of 0.1 talks to today's services, both ways. */
final class OldClientTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Path RELEASED = Path.of("../schemas/src/test/resources/released/0.1");
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int HEADER = 5;

  @TempDir private Path folder = Path.of("");

  @Test
  void anOldRequestEndsInEventsThatItsSenderCanRead() throws Exception {
    Schema.Parser parser = new Schema.Parser();
    Schema requested = parse(parser, "EditRequested");
    parse(parser, "EditOutcome");
    Schema completed = parse(parser, "EditCompleted");
    Schema failed = parse(parser, "EditFailed");
    try (LocalStream stream =
            LocalStream.start(folder, SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT), "toy", 4);
        S3ObjectStore store = stream.endpoints().store()) {
      await("the stream").atMost(LIMIT).until(stream::isReady);
      ObjectName source = new ObjectName(LocalStream.INBOX, "old.png");
      store.write(source, Files.readAllBytes(TOY.resolve("source.png")), "image/png", Map.of());
      SchemaRegistry registry = new HttpSchemaRegistry(stream.endpoints().registry(), null);

      send(stream, registry, request(requested, "sound", source.toString()));
      send(stream, registry, request(requested, "lost", source + ".none"));

      GenericRecord failure = receive(stream, registry, Topics.FAILED, failed);
      assertThat(failure.get("requestId").toString())
          .as("%s", failure.get("failure"))
          .isEqualTo("lost");
      assertThat(failure.get("status").toString()).isEqualTo("REJECTED");
      GenericRecord end = receive(stream, registry, Topics.COMPLETED, completed);
      assertThat(end.get("requestId").toString()).isEqualTo("sound");
      assertThat(((GenericRecord) end.get("result")).get("output").toString())
          .startsWith("s3://edited/default/sound");
      assertThat(((GenericRecord) end.get("request")).getSchema()).isEqualTo(requested);
    }
  }

  private static GenericRecord request(Schema schema, String id, String source) {
    return new GenericRecordBuilder(schema)
        .set("requestId", id)
        .set("source", source)
        .set("instruction", "remove the cat")
        .set("requestedAt", System.currentTimeMillis())
        .build();
  }

  private static void send(LocalStream stream, SchemaRegistry registry, GenericRecord request)
      throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int id = registry.register(Topics.REQUESTED + "-value", request.getSchema());
    bytes.writeBytes(ByteBuffer.allocate(HEADER).putInt(1, id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(request.getSchema()).write(request, encoder);
    encoder.flush();
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stream.endpoints().bootstrap()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(Topics.REQUESTED, "old", bytes.toByteArray())).get();
    }
  }

  private static GenericRecord receive(
      LocalStream stream, SchemaRegistry registry, String topic, Schema schema) throws IOException {
    List<byte[]> values = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                stream.endpoints().bootstrap(),
                "isolation.level",
                "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      await("an event on " + topic)
          .atMost(LIMIT)
          .until(
              () -> {
                for (ConsumerRecord<String, byte[]> record :
                    consumer.poll(Duration.ofMillis(200))) {
                  values.add(record.value());
                }
                return !values.isEmpty();
              });
    }
    assertThat(values).hasSize(1);
    byte[] value = values.get(0);
    Schema writer = registry.byId(ByteBuffer.wrap(value).getInt(1));
    return new GenericDatumReader<GenericRecord>(writer, schema)
        .read(null, DecoderFactory.get().binaryDecoder(value, HEADER, value.length - HEADER, null));
  }

  private static Schema parse(Schema.Parser parser, String name) throws IOException {
    return parser.parse(Files.readString(RELEASED.resolve(name + ".avsc")));
  }
}
