package io.smartedit.events;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

final class WireFormatTest {

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final EventSerializer<EditRequested> serializer = new EventSerializer<>(registry);
  private final EventDeserializer<EditRequested> deserializer =
      new EventDeserializer<>(registry, EditRequested.getClassSchema());

  @Test
  void eventsComeBackAsTheyWere() {
    EditRequested event = event();

    byte[] bytes = serializer.serialize(Topics.REQUESTED, event);

    assertThat(bytes).startsWith(0, 0, 0, 0, 1);
    assertThat(deserializer.deserialize(Topics.REQUESTED, bytes)).isEqualTo(event);
  }

  @Test
  void bytesThatAreNoEventAreRefused() {
    byte[] bytes = requireNonNull(serializer.serialize(Topics.REQUESTED, event()));
    Random random = new Random(4);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length));

      assertThatThrownBy(() -> deserializer.deserialize(Topics.REQUESTED, damaged))
          .isInstanceOf(SerializationException.class);
    }
    byte[] lying = bytes.clone();
    ByteBuffer.wrap(lying).put(5, (byte) 0xFE).put(6, (byte) 0xFF).put(7, (byte) 0xFF);
    assertThatThrownBy(() -> deserializer.deserialize(Topics.REQUESTED, lying))
        .isInstanceOf(SerializationException.class);
  }

  /**
   * A length is believed no further than the bytes that are there, or a few bytes take the heap.
   */
  @Test
  void aFewBytesThatClaimToBeTwoGigabytesAreRefused() {
    byte[] bytes = requireNonNull(serializer.serialize(Topics.REQUESTED, event()));
    // The first field, a string, declares 2,000,000,000 bytes.
    byte[] claim = {(byte) 0x80, (byte) 0xD0, (byte) 0xAC, (byte) 0xF3, 0x0E};
    byte[] lying = Arrays.copyOf(bytes, EventSerializer.HEADER + 20);
    System.arraycopy(claim, 0, lying, EventSerializer.HEADER, claim.length);

    assertThatThrownBy(() -> deserializer.deserialize(Topics.REQUESTED, lying))
        .isInstanceOf(SerializationException.class);
  }

  @Test
  void anUnknownSchemaIsToldFromAnUnreachableRegistry() {
    byte[] bytes = ByteBuffer.allocate(9).putInt(1, 99).array();

    assertThatThrownBy(() -> deserializer.deserialize(Topics.REQUESTED, bytes))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.isUnknownSchema()).isTrue());
  }

  private static EditRequested event() {
    return EditRequested.newBuilder()
        .setRequestId("r-1")
        .setSource("s3://pictures/a.png")
        .setInstruction("remove the cat")
        .setLabels(Map.of("sku", "4711"))
        .setRequestedAt(Instant.ofEpochMilli(1_700_000_000_000L))
        .build();
  }
}
