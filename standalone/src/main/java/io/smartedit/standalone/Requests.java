package io.smartedit.standalone;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Puts requests on the topic. */
final class Requests implements AutoCloseable {

  private final KafkaProducer<String, EditRequested> producer;

  Requests(Endpoints endpoints) {
    SchemaRegistry registry = new HttpSchemaRegistry(endpoints.registry(), null);
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                endpoints.bootstrap(),
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true),
            new StringSerializer(),
            new EventSerializer<>(registry));
  }

  /** Sends and waits until the broker has it. Edits of one image go to one worker. */
  void send(EditRequested request) {
    try {
      producer.send(new ProducerRecord<>(Topics.of(request), Topics.key(request), request)).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the broker did not take the request", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending the request", e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
