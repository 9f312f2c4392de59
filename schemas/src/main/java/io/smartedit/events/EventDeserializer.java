package io.smartedit.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** The Confluent wire format to events, whatever compatible schema wrote them. Thread-safe. */
public final class EventDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  static {
    Trust.ours();
  }

  private static final int HEADER = 5;

  private final SchemaRegistry registry;
  private final Schema schema;

  /** {@code schema} is the event's own, as in {@code EditRequested.getClassSchema()}. */
  public EventDeserializer(SchemaRegistry registry, Schema schema) {
    this.registry = registry;
    this.schema = schema;
  }

  /**
   * @throws RegistryException if the writer's schema cannot be had
   * @throws SerializationException if the bytes are not this event
   */
  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    if (bytes.length < HEADER || bytes[0] != EventSerializer.MAGIC) {
      throw new SerializationException(
          "record on "
              + topic
              + " of "
              + bytes.length
              + " bytes is not in the Confluent wire format");
    }
    Schema writer = registry.byId(ByteBuffer.wrap(bytes).getInt(1));
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null);
    try {
      return new SpecificDatumReader<T>(writer, schema).read(null, decoder);
    } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException e) {
      throw new SerializationException(
          "record on "
              + topic
              + " is not a "
              + schema.getName()
              + " as schema "
              + writer.getFullName()
              + " says",
          e);
    }
  }
}
