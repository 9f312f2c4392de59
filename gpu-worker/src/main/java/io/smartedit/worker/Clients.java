package io.smartedit.worker;

import io.smartedit.events.Topics;
import java.util.List;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;

/** The Kafka clients of one worker, which closes them: real ones, or Kafka's own in-memory ones. */
interface Clients {

  /** A member of the workers' group. */
  Consumer<String, byte[]> requests();

  /** A reader that is in no group. */
  Consumer<String, byte[]> cancellations();

  Producer<String, SpecificRecord> progress();

  Producer<String, SpecificRecord> announcements();

  /** Creates those of some topics that are missing. */
  void ensure(List<Topics.Topic> topics);

  /** A reader of what workers of a share group note, which is in no group. */
  Consumer<String, byte[]> attempts();

  /** A member of the workers' share group of a topic. */
  ShareConsumer<String, byte[]> shared(int number, String topic);

  /** Those groups. */
  ShareGroup shareGroups(List<String> topics);

  /** An idempotent producer that waits for all replicas. */
  Producer<String, SpecificRecord> durable();

  /** Makes transactional producers, all of one id. */
  Supplier<Producer<String, SpecificRecord>> outcomes();
}
