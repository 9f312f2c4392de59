package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.events.EditProgress;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.RegistryException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

final class ProgressPublisherTest {

  private final ManualTime time = new ManualTime();

  @Test
  void anEditIsHeardOfAtMostOnceASecond() {
    MockProducer<String, SpecificRecord> producer = producer();
    Job job = Fixtures.job("a");
    try (ProgressPublisher progress = new ProgressPublisher(producer, "w-1", time, time)) {
      progress.start();
      for (int step = 1; step <= 25; step++) {
        progress.stepped(job, step, 25);
        time.pass(Duration.ofMillis(100));
      }

      await().until(() -> producer.history().size() == 3);
    }
    assertThat(producer.history())
        .extracting(sent -> ((EditProgress) sent.value()).getStep())
        .containsExactly(1, 11, 21);
  }

  @Test
  void whatCannotBeWrittenIsDroppedAndCounted() {
    MockProducer<String, SpecificRecord> producer =
        new MockProducer<>(true, null, new StringSerializer(), new Unwritable());
    try (ProgressPublisher progress = new ProgressPublisher(producer, "w-1", time, time)) {
      progress.start();
      progress.stepped(Fixtures.job("a"), 1, 2);
      progress.stepped(Fixtures.job("b"), 1, 2);

      await().until(() -> progress.dropped() == 2);
    }
  }

  /** The device's thread must never wait for it. */
  @Test
  void aProducerThatHangsHoldsUpNobody() {
    CountDownLatch never = new CountDownLatch(1);
    MockProducer<String, SpecificRecord> hanging =
        new MockProducer<>(true, null, new StringSerializer(), serializer()) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<String, SpecificRecord> sent, Callback callback) {
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new org.apache.kafka.common.errors.InterruptException(e);
            }
            return super.send(sent, callback);
          }
        };
    ProgressPublisher progress = new ProgressPublisher(hanging, "w-1", time, time);
    progress.start();

    for (int i = 0; i < 3000; i++) {
      progress.stepped(Fixtures.job("r-" + i), 1, 2);
    }

    assertThat(progress.dropped()).isBetween(1990L, 2000L);
    never.countDown();
    progress.close();
  }

  private static MockProducer<String, SpecificRecord> producer() {
    return new MockProducer<>(true, null, new StringSerializer(), serializer());
  }

  private static EventSerializer<SpecificRecord> serializer() {
    return new EventSerializer<>(Fixtures.REGISTRY);
  }

  /** As where the registry is away. */
  private static final class Unwritable
      implements org.apache.kafka.common.serialization.Serializer<SpecificRecord> {
    @Override
    public byte[] serialize(String topic, SpecificRecord event) {
      throw new RegistryException("the registry is away", new java.io.IOException("refused"));
    }
  }
}
