package io.smartedit.worker;

import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** The Kafka clients of one worker, which closes them: real ones, or Kafka's own in-memory ones. */
interface Clients {

  /** A member of the workers' group. */
  Consumer<String, byte[]> requests();

  /** A reader that is in no group. */
  Consumer<String, byte[]> cancellations();

  Producer<String, SpecificRecord> progress();

  /** Makes transactional producers, all of one id. */
  Supplier<Producer<String, SpecificRecord>> outcomes();
}
