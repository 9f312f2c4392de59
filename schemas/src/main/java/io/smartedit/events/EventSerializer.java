package io.smartedit.events;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Events to the Confluent wire format; registers their schemas. Thread-safe. */
public final class EventSerializer<T extends SpecificRecord> implements Serializer<T> {

  static {
    Trust.ours();
  }

  static final byte MAGIC = 0;

  /** Bytes before the event: the magic one and the schema's id. */
  static final int HEADER = 5;

  private final SchemaRegistry registry;

  public EventSerializer(SchemaRegistry registry) {
    this.registry = registry;
  }

  @Override
  public byte @Nullable [] serialize(String topic, Headers headers, @Nullable T event) {
    byte[] bytes = serialize(topic, event);
    if (event != null && bytes != null) {
      ByteBuffer content = ByteBuffer.wrap(bytes, HEADER, bytes.length - HEADER);
      CloudEvent.describe(event, content, headers);
    }
    return bytes;
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable T event) {
    if (event == null) {
      return null;
    }
    int id = registry.register(Topics.subject(topic), event.getSchema());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(MAGIC);
    bytes.writeBytes(ByteBuffer.allocate(4).putInt(0, id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      new SpecificDatumWriter<T>(event.getSchema()).write(event, encoder);
      encoder.flush();
    } catch (IOException | RuntimeException e) {
      throw new SerializationException("cannot write a " + event.getSchema().getName(), e);
    }
    return bytes.toByteArray();
  }
}
