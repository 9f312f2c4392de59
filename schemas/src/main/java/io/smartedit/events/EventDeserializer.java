package io.smartedit.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * The Confluent wire format to events, whatever compatible schema wrote them. Of bytes that are no
 * such event, whoever wrote them and whatever schema they name, nothing but the exceptions below
 * comes, after time and memory in proportion to their number. Thread-safe.
 */
public final class EventDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  static {
    Trust.ours();
  }

  private static final int MAX_READERS = 64;

  private final SchemaRegistry registry;
  private final Schema schema;

  /**
   * By the writer's schema id, because to resolve one schema to the other costs more than to read;
   * a thread its own, because Avro's readers finish themselves at their first use.
   */
  private final ThreadLocal<Map<Integer, DatumReader<T>>> readers =
      ThreadLocal.withInitial(Recent::new);

  /** The readers that were used last: anybody may register schemas without end. */
  private static final class Recent<T> extends LinkedHashMap<Integer, DatumReader<T>> {
    private static final long serialVersionUID = 1L;

    Recent() {
      super(MAX_READERS, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Integer, DatumReader<T>> eldest) {
      return size() > MAX_READERS;
    }
  }

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
    try {
      return read(readers.get().computeIfAbsent(id, this::reader), bytes);
    } catch (SerializationException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // A stranger's bytes and a stranger's schema: Avro says in many ways that it cannot.
      throw new SerializationException(
          "record on " + topic + " is not a " + schema.getName() + " as schema " + id + " says", e);
    }
  }

  private DatumReader<T> reader(int id) {
    Schema writer = registry.byId(id);
    WriterSchema.check(writer);
    SpecificData data = new SpecificData(EventDeserializer.class.getClassLoader());
    data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    data.setFastReaderEnabled(false); // it skips what only the writer knows without counting
    return new SpecificDatumReader<>(writer, schema, data);
  }

  private static <T> T read(DatumReader<T> reader, byte[] bytes) throws IOException {
    BoundedDecoder decoder = new BoundedDecoder(bytes, EventSerializer.HEADER);
    T event = reader.read(null, decoder);
    if (!decoder.isEnd()) {
      throw new IOException("there are bytes behind the end of the record");
    }
    return event;
  }
}
