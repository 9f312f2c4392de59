package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.worker.RequestDecoder.Decoded;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RequestDecoderTest {

  private final RequestDecoder decoder = decoder(Fixtures.REGISTRY);

  @Property(tries = 300)
  void anyBytesAreRefused(@ForAll byte[] bytes) {
    assertThat(decoder.decode(record(bytes))).isInstanceOf(Decoded.Refused.class);
  }

  @Property(tries = 300)
  void anyBytesBehindAProperHeaderAreRefusedOrRead(@ForAll byte[] body) {
    byte[] proper = Fixtures.SERIALIZER.serialize(Topics.REQUESTED, Fixtures.request("a").build());
    byte[] bytes = new byte[5 + body.length];
    System.arraycopy(proper, 0, bytes, 0, 5);
    System.arraycopy(body, 0, bytes, 5, body.length);

    assertThat(decoder.decode(record(bytes))).isNotInstanceOf(Decoded.NotNow.class);
  }

  @Test
  void aRecordWithoutAValueIsRefused() {
    assertThat(decoder.decode(record(null))).isInstanceOf(Decoded.Refused.class);
  }

  @Test
  void whateverReadingThrowsRefusesTheRecord() {
    for (Throwable thrown :
        List.of(
            new UnsupportedOperationException("Cannot read strings longer than 2147483639 bytes"),
            new OutOfMemoryError("Requested array size exceeds VM limit"),
            new StackOverflowError(),
            new ArithmeticException("long overflow"))) {
      RequestDecoder failing =
          decoder(
              new Failing(
                  () -> {
                    if (thrown instanceof Error e) {
                      throw e;
                    }
                    throw (RuntimeException) thrown;
                  }));

      assertThat(failing.decode(record(new byte[] {0, 0, 0, 0, 9, 1, 2})))
          .as(thrown.toString())
          .isInstanceOf(Decoded.Refused.class);
    }
  }

  @Test
  void aRegistryThatIsAwayRefusesNothing() {
    for (RegistryException.Kind kind :
        List.of(RegistryException.Kind.UNAVAILABLE, RegistryException.Kind.MISCONFIGURED)) {
      RequestDecoder waiting =
          decoder(
              new Failing(
                  () -> {
                    throw new RegistryException(kind, "not now");
                  }));

      assertThat(waiting.decode(record(new byte[] {0, 0, 0, 0, 9, 1, 2})))
          .isInstanceOf(Decoded.NotNow.class);
    }
  }

  private static RequestDecoder decoder(SchemaRegistry registry) {
    return new RequestDecoder(new EventDeserializer<>(registry, EditRequested.getClassSchema()));
  }

  private static ConsumerRecord<String, byte[]> record(byte @Nullable [] value) {
    return new ConsumerRecord<>(Topics.REQUESTED, 0, 0, "k", value);
  }

  private record Failing(Runnable failure) implements SchemaRegistry {
    @Override
    public int register(String subject, Schema schema) {
      failure.run();
      return 1;
    }

    @Override
    public Schema byId(int id) {
      failure.run();
      return EditRequested.getClassSchema();
    }
  }
}
