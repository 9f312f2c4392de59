package io.smartedit.sink;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * When a record came: its own time where that lies between 1970 and now. Kafka Streams ends at a
 * time before 1970, and one far ahead would close all windows for good.
 */
public final class RecordTime implements TimestampExtractor {

  /** Called by Kafka Streams. */
  public RecordTime() {}

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    long now = System.currentTimeMillis();
    return record.timestamp() < 0 ? now : Math.min(record.timestamp(), now);
  }
}
