package io.smartedit.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
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

  private final SchemaRegistry registry;
  private final Schema schema;

  /**
   * By the writer's schema id, because to resolve one schema to the other costs more than to read;
   * a thread its own, because Avro's readers finish themselves at their first use.
   */
  private final ThreadLocal<Map<Integer, DatumReader<T>>> readers =
      ThreadLocal.withInitial(HashMap::new);

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
    if (bytes.length < EventSerializer.HEADER || bytes[0] != EventSerializer.MAGIC) {
      throw new SerializationException(
          "record on "
              + topic
              + " of "
              + bytes.length
              + " bytes is not in the Confluent wire format");
    }
    int id = ByteBuffer.wrap(bytes).getInt(1);
    Schema writer = registry.byId(id);
    int header = EventSerializer.HEADER;
    BinaryDecoder decoder =
        DecoderFactory.get().binaryDecoder(bytes, header, bytes.length - header, null);
    try {
      return readers
          .get()
          .computeIfAbsent(id, unknown -> new SpecificDatumReader<>(writer, schema))
          .read(null, decoder);
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
