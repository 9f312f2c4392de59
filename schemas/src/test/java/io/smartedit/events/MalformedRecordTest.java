package io.smartedit.events;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever lies on a topic is an event or a {@link SerializationException}, soon. */
@Timeout(60)
final class MalformedRecordTest {

  private static final List<Schema> EVENTS =
      List.of(
          EditRequested.getClassSchema(),
          EditCancelled.getClassSchema(),
          EditProgress.getClassSchema(),
          EditOutcome.getClassSchema(),
          EditCompleted.getClassSchema(),
          EditFailed.getClassSchema(),
          EditStatus.getClassSchema(),
          EditMetrics.getClassSchema());

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final byte[] sound =
      requireNonNull(new EventSerializer<EditRequested>(registry).serialize("t", request()));

  @ParameterizedTest
  @ValueSource(
      longs = {
        3_000_000_000L,
        Long.MAX_VALUE,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE - 8L,
        2_000_000_000L,
        1_000,
        -1,
        Long.MIN_VALUE
      })
  void aStringOfALyingLengthIsRefused(long length) throws IOException {
    byte[] lying = written(1, encoder -> encoder.writeLong(length));

    assertRefused(lying);
  }

  /** A request with one more field, whose items take no bytes. */
  static List<String> itemsOfNoBytes() {
    return List.of(
        "{'type':'array','items':'null'}",
        "{'type':'array','items':{'type':'fixed','name':'F','size':0}}",
        "{'type':'array','items':{'type':'record','name':'E','fields':[]}}",
        "{'type':'array','items':{'type':'array','items':'null'}}",
        "{'type':'map','values':'null'}");
  }

  @ParameterizedTest
  @MethodSource("itemsOfNoBytes")
  void billionsOfItemsAreNotCountedOneByOne(String type) throws IOException {
    Schema writer = requestWith("more", type);
    int id = registry.register("t", writer);
    for (long count :
        new long[] {Long.MAX_VALUE, Integer.MAX_VALUE - 8L, 2_000_000_000L, 500_000}) {
      byte[] body = body(encoder -> encoder.writeLong(count));
      assertRefused(concat(header(id), body, tail()));
      byte[] sized =
          body(
              encoder -> {
                encoder.writeLong(-count);
                encoder.writeLong(0);
                encoder.writeLong(count);
              });
      assertRefused(concat(header(id), sized, tail()));
    }
    assertRefused(concat(header(id), body(encoder -> encoder.writeLong(Long.MIN_VALUE)), tail()));
    assertRefused(
        concat(
            header(id),
            body(
                encoder -> {
                  encoder.writeLong(-2);
                  encoder.writeLong(-2);
                }),
            tail()));
  }

  @Test
  void manySmallBlocksAreBoundedTogether() throws IOException {
    int id = registry.register("t", requestWith("more", "{'type':'array','items':'null'}"));
    byte[] blocks =
        body(
            encoder -> {
              for (int i = 0; i < 1000; i++) {
                encoder.writeLong(9_999);
              }
            });

    assertRefused(concat(header(id), blocks, tail()));
  }

  @Test
  void labelsOfALyingCountAreRefused() throws IOException {
    Schema writer = requestWith("before", "'int'");
    int labels = writer.getField("labels").pos();
    assertThat(labels).isPositive();
    Random random = new Random(1);
    for (int at = 0; at < sound.length - 10; at++) {
      byte[] lying = sound.clone();
      byte[] count = body(encoder -> encoder.writeLong(random.nextLong()));
      System.arraycopy(
          count, 0, lying, at + 5 < lying.length - 10 ? at + 5 : 5, Math.min(5, count.length));
      readOrRefuse(EditRequested.getClassSchema(), lying);
    }
  }

  @Test
  void bytesBehindTheEndAreRefused() {
    assertRefused(Arrays.copyOf(sound, sound.length + 1));
    assertRefused(Arrays.copyOf(sound, sound.length + 1_000_000));
  }

  /** Ten records, each of which names the one before it ten times, unfold to 10^10 parts. */
  @Test
  void aSchemaThatUnfoldsWithoutMeasureIsRefused() {
    Schema inner =
        SchemaBuilder.record("R0").fields().name("n").type().nullType().noDefault().endRecord();
    for (int i = 1; i <= 10; i++) {
      List<Schema.Field> fields = new ArrayList<>();
      for (int f = 0; f < 10; f++) {
        fields.add(new Schema.Field("f" + f, inner));
      }
      inner = Schema.createRecord("R" + i, null, "bomb", false, fields);
    }
    assertSchemaRefused(requestWith("more", inner));
  }

  @Test
  void aDeepSchemaIsRefused() {
    Schema deep = Schema.create(Schema.Type.INT);
    for (int i = 0; i < 500; i++) {
      deep = Schema.createArray(deep);
    }
    assertSchemaRefused(requestWith("more", deep));
    Schema chain = SchemaBuilder.record("C0").fields().endRecord();
    List<Schema> known = new ArrayList<>(List.of(chain));
    for (int i = 1; i < 3000; i++) {
      chain = Schema.createRecord("C" + i, null, "c", false, List.of(new Schema.Field("f", chain)));
      known.add(chain);
    }
    assertSchemaRefused(requestWith("more", chain));
    assertSchemaRefused(requestWith("more", Schema.createUnion(known)));
  }

  @Test
  void aRecordThatHoldsItselfIsRefused() {
    Schema self = Schema.createRecord("Self", null, "s", false);
    self.setFields(List.of(new Schema.Field("self", self)));
    assertSchemaRefused(requestWith("more", self));
  }

  /** Long lists are data; only their reader's patience ends. */
  @Test
  void aListNestedAMillionDeepIsReadOrRefused() throws IOException {
    Schema list = Schema.createRecord("Cell", null, "s", false);
    list.setFields(
        List.of(
            new Schema.Field("next", Schema.createUnion(Schema.create(Schema.Type.NULL), list))));
    int id = registry.register("t", requestWith("more", list));
    byte[] cells =
        body(
            encoder -> {
              for (int i = 0; i < 1_000_000; i++) {
                encoder.writeIndex(1);
              }
              encoder.writeIndex(0);
            });

    readOrRefuse(EditRequested.getClassSchema(), concat(header(id), cells, tail()));
  }

  /** What other writers' schemas differ in and still write our event. */
  @Test
  void aWriterMayKnowMoreAndOtherTypes() throws IOException {
    int id =
        registry.register("t", requestWith("more", "{'type':'array','items':['null','string']}"));
    byte[] items =
        body(
            encoder -> {
              encoder.writeArrayStart();
              encoder.setItemCount(3);
              for (int i = 0; i < 3; i++) {
                encoder.startItem();
                encoder.writeIndex(i % 2);
                if (i % 2 == 1) {
                  encoder.writeString("x");
                }
              }
              encoder.writeArrayEnd();
            });

    assertThat(read(EditRequested.getClassSchema(), concat(header(id), items, tail())))
        .isEqualTo(request());
  }

  @Test
  void whatTheRegistryThrowsIsNoneOfOurs() {
    SchemaRegistry odd =
        new SchemaRegistry() {
          @Override
          public int register(String subject, Schema schema) {
            return 1;
          }

          @Override
          public Schema byId(int id) {
            return new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"1 2\",\"fields\":[]}");
          }
        };

    assertThatThrownBy(
            () ->
                new EventDeserializer<>(odd, EditRequested.getClassSchema())
                    .deserialize("t", sound))
        .isInstanceOf(SerializationException.class);
  }

  @Property(tries = 3000)
  void mutatedRecordsOfAnyEventAreReadOrRefused(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    Schema written = EVENTS.get(random.nextInt(EVENTS.size()));
    byte[] record = RandomEvents.record(registry, written, random);
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      record = RandomEvents.mutated(record, random);
    }

    readOrRefuse(EVENTS.get(random.nextInt(EVENTS.size())), record);
  }

  @Property(tries = 1500)
  void recordsOfAnySchemaAreReadOrRefused(
      @ForAll("schemas") Schema schema, @ForAll byte[] body, @ForAll long seed) {
    int id = registry.register("t", schema);
    Random random = new Random(seed);

    readOrRefuse(EVENTS.get(random.nextInt(EVENTS.size())), concat(header(id), body));
  }

  /** Events of which some fields have other types, or are more, or are none. */
  @Provide
  Arbitrary<Schema> schemas() {
    return Arbitraries.longs().map(seed -> RandomEvents.schema(EVENTS, new Random(seed)));
  }

  private void assertSchemaRefused(Schema schema) {
    InMemorySchemaRegistry own = new InMemorySchemaRegistry();
    int id = own.register("t", schema);
    assertThatThrownBy(
            () ->
                new EventDeserializer<>(own, EditRequested.getClassSchema())
                    .deserialize("t", concat(header(id), new byte[1000])))
        .isInstanceOf(SerializationException.class)
        .isNotInstanceOf(RegistryException.class);
  }

  private void assertRefused(byte[] record) {
    assertThatThrownBy(() -> read(EditRequested.getClassSchema(), record))
        .isInstanceOf(SerializationException.class)
        .isNotInstanceOf(RegistryException.class);
  }

  /** Nothing else may be thrown, and nothing else is caught. */
  private void readOrRefuse(Schema event, byte[] record) {
    try {
      read(event, record);
    } catch (SerializationException e) {
      assertThat(e.getMessage()).hasSizeLessThan(300);
    }
  }

  private Object read(Schema event, byte[] record) {
    return requireNonNull(
        new EventDeserializer<org.apache.avro.specific.SpecificRecord>(registry, event)
            .deserialize("t", record));
  }

  private static Schema requestWith(String name, String type) {
    return requestWith(name, new Schema.Parser().parse(type.replace('\'', '"')));
  }

  /** EditRequested with a field more, before all others. */
  private static Schema requestWith(String name, Schema type) {
    Schema event = EditRequested.getClassSchema();
    List<Schema.Field> fields = new ArrayList<>(List.of(new Schema.Field(name, type)));
    event.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    return Schema.createRecord(event.getName(), null, event.getNamespace(), false, fields);
  }

  private byte[] tail() {
    return Arrays.copyOfRange(sound, EventSerializer.HEADER, sound.length);
  }

  private static byte[] header(int id) {
    return ByteBuffer.allocate(EventSerializer.HEADER).putInt(1, id).array();
  }

  private static byte[] written(int id, Writing writing) throws IOException {
    return concat(header(id), body(writing));
  }

  private interface Writing {
    void to(BinaryEncoder encoder) throws IOException;
  }

  private static byte[] body(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    writing.to(encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static EditRequested request() {
    return EditRequested.newBuilder()
        .setRequestId("r-1")
        .setSource("s3://pictures/a.png")
        .setInstruction("remove the cat")
        .setLabels(Map.of("sku", "4711"))
        .setRequestedAt(Instant.ofEpochMilli(1_700_000_000_000L))
        .build();
  }
}
