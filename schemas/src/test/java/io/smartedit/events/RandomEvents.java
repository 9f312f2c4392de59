package io.smartedit.events;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/** Records and schemas of any kind, in the wire format: for whoever reads a topic. */
public final class RandomEvents {

  private static final long[] LONGS = {
    0,
    1,
    -1,
    64,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    3_000_000_000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1_700_000_000_000L,
    253_402_300_799_999L,
    253_402_300_800_000L,
    -62_135_596_800_000L,
    -62_135_596_800_001L
  };
  private static final String[] TEXTS = {
    "",
    " ",
    "r-1",
    "default",
    "s3://pictures/a.png",
    "request:r-1",
    "remove the cat",
    "\u0000",
    "\ud800",
    "\u202e\u0301",
    "../..",
    "null",
    "a/b",
    "\n",
    "x".repeat(70),
    "x".repeat(5000),
    "\ud83d\udc08".repeat(100)
  };
  private static final double[] DOUBLES = {
    0,
    -0.0,
    1.5,
    -1,
    1e300,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE
  };

  private RandomEvents() {}

  /** A record of a schema whose every value is one that somebody might not think of. */
  public static byte[] record(SchemaRegistry registry, Schema schema, Random random)
      throws IOException {
    int id = registry.register("random-value", schema);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ByteBuffer.allocate(EventSerializer.HEADER).putInt(1, id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<Object>(schema, new GenericData()).write(value(schema, random), encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  /** A record with some of its bytes changed, taken out, put in or behind it. */
  public static byte[] mutated(byte[] record, Random random) {
    int at = record.length == 0 ? 0 : random.nextInt(record.length);
    return switch (random.nextInt(6)) {
      case 0 -> Arrays.copyOf(record, at);
      case 1 -> Arrays.copyOf(record, record.length + 1 + random.nextInt(20));
      case 2 -> insert(record, at, varint(LONGS[random.nextInt(LONGS.length)]));
      case 3 -> insert(record, at, varint(random.nextLong()));
      default -> {
        byte[] changed = record.clone();
        if (changed.length > 0) {
          changed[at] = (byte) random.nextInt();
        }
        yield changed;
      }
    };
  }

  /** One of some schemas, with other fields or fields of other types. */
  public static Schema schema(List<Schema> events, Random random) {
    Schema event = events.get(random.nextInt(events.size()));
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : event.getFields()) {
      int change = random.nextInt(12);
      if (change == 0) {
        continue;
      }
      Schema type = change < 3 ? type(random, 3) : field.schema();
      fields.add(new Schema.Field(field.name(), type));
      if (change == 3) {
        fields.add(new Schema.Field("more" + field.pos(), type(random, 4)));
      }
    }
    String name = random.nextInt(8) == 0 ? "Other" : event.getName();
    return Schema.createRecord(name, null, event.getNamespace(), false, fields);
  }

  private static Schema type(Random random, int depth) {
    int kind = random.nextInt(depth > 0 ? 14 : 9);
    return switch (kind) {
      case 0 -> Schema.create(Schema.Type.NULL);
      case 1 -> Schema.create(Schema.Type.INT);
      case 2 -> Schema.create(Schema.Type.LONG);
      case 3 -> Schema.create(Schema.Type.FLOAT);
      case 4 -> Schema.create(Schema.Type.DOUBLE);
      case 5 -> Schema.create(Schema.Type.BYTES);
      case 6 -> Schema.create(Schema.Type.STRING);
      case 7 -> Schema.createFixed(name(random), null, "x", random.nextInt(20));
      case 8 -> Schema.createEnum(name(random), null, "x", List.of("PNG", "EDITED", "ODD"));
      case 9 -> Schema.createArray(type(random, depth - 1));
      case 10 -> Schema.createMap(type(random, depth - 1));
      case 11 ->
          Schema.createUnion(
              Schema.create(Schema.Type.NULL), Schema.createArray(type(random, depth - 1)));
      default ->
          Schema.createRecord(
              name(random),
              null,
              "x",
              false,
              List.of(
                  new Schema.Field("a", type(random, depth - 1)),
                  new Schema.Field("b", type(random, depth - 1))));
    };
  }

  private static String name(Random random) {
    return "T" + Integer.toUnsignedString(random.nextInt());
  }

  private static @Nullable Object value(Schema schema, Random random) {
    return switch (schema.getType()) {
      case RECORD -> {
        GenericData.Record record = new GenericData.Record(schema);
        schema.getFields().forEach(f -> record.put(f.pos(), value(f.schema(), random)));
        yield record;
      }
      case ENUM ->
          new GenericData.EnumSymbol(
              schema, schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size())));
      case ARRAY -> java.util.Collections.singletonList(value(schema.getElementType(), random));
      case MAP -> {
        Map<String, Object> map = new HashMap<>();
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 100 : 3); i > 0; i--) {
          map.put(TEXTS[random.nextInt(TEXTS.length)] + i, value(schema.getValueType(), random));
        }
        yield map;
      }
      case UNION -> value(schema.getTypes().get(random.nextInt(schema.getTypes().size())), random);
      case FIXED -> new GenericData.Fixed(schema, new byte[schema.getFixedSize()]);
      case STRING -> TEXTS[random.nextInt(TEXTS.length)];
      case BYTES -> ByteBuffer.wrap(new byte[random.nextInt(100)]);
      case INT -> (int) LONGS[random.nextInt(LONGS.length)];
      case LONG -> LONGS[random.nextInt(LONGS.length)];
      case FLOAT -> (float) DOUBLES[random.nextInt(DOUBLES.length)];
      case DOUBLE -> DOUBLES[random.nextInt(DOUBLES.length)];
      case BOOLEAN -> random.nextBoolean();
      case NULL -> null;
    };
  }

  private static byte[] insert(byte[] record, int at, byte[] more) {
    byte[] all = new byte[record.length + more.length];
    System.arraycopy(record, 0, all, 0, at);
    System.arraycopy(more, 0, all, at, more.length);
    System.arraycopy(record, at, all, at + more.length, record.length - at);
    return all;
  }

  private static byte[] varint(long value) {
    ByteBuffer buffer = ByteBuffer.allocate(10);
    long zigzag = (value << 1) ^ (value >> 63);
    while ((zigzag & ~0x7FL) != 0) {
      buffer.put((byte) (zigzag & 0x7F | 0x80));
      zigzag >>>= 7;
    }
    buffer.put((byte) zigzag);
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
