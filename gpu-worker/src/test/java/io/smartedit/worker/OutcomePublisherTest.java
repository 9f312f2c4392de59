package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.worker.OutcomePublisher.Result;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** What was not published is published again. */
final class OutcomePublisherTest {

  private final ProducerRecord<String, SpecificRecord> record =
      new ProducerRecord<>(
          Topics.PAUSED,
          "k",
          EditRequested.newBuilder()
              .setRequestId("r-1")
              .setSource("s3://pictures/a.png")
              .setInstruction("remove the cat")
              .setRequestedAt(Instant.EPOCH)
              .build());

  private static MockProducer<String, SpecificRecord> producer() {
    return new MockProducer<>(
        true,
        null,
        new StringSerializer(),
        new EventSerializer<SpecificRecord>(new InMemorySchemaRegistry()));
  }

  /** Kafka's own producer closes the headers of what it was given; it was not given ours. */
  private void assertSentAsACopy(MockProducer<String, SpecificRecord> producer) {
    assertThat(producer.history()).hasSize(1).contains(record);
    assertThat(producer.history().get(0).headers()).isNotSameAs(record.headers());
  }

  @Test
  void aRecordWhoseTransactionFailedIsSentAgain() {
    MockProducer<String, SpecificRecord> producer = producer();
    OutcomePublisher publisher = new OutcomePublisher(() -> producer, new Holds(System::nanoTime));
    producer.commitTransactionException = new TimeoutException("no broker");
    ConsumerGroupMetadata group = new MockConsumer<String, String>("earliest").groupMetadata();
    assertThat(publisher.publish(List.of(record), Map.of(), group)).isEqualTo(Result.LATER);
    producer.commitTransactionException = null;

    assertThat(publisher.publish(List.of(record), Map.of(), group)).isEqualTo(Result.PUBLISHED);
    assertSentAsACopy(producer);
  }

  @Test
  void soItIsWithoutTransactions() {
    MockProducer<String, SpecificRecord> producer = producer();
    DurablePublisher publisher = new DurablePublisher(producer, new Holds(System::nanoTime));
    producer.sendException = new TimeoutException("no broker");
    assertThat(publisher.publish(List.of(record))).isEqualTo(Result.LATER);
    producer.sendException = null;

    assertThat(publisher.publish(List.of(record))).isEqualTo(Result.PUBLISHED);
    assertSentAsACopy(producer);
  }
}
