package io.smartedit.sink;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes whose events the broker did not take, by place. The transaction is lost with them;
 * when the outcome comes again it is answered by an event that says so. Thread-safe.
 */
final class RefusedOutcomes {

  /** Under which the exception handler, which Kafka Streams makes, finds it. */
  static final String SETTING = "smartedit.refused-outcomes";

  private static final int REMEMBERED = 10_000;

  private final Map<Place, String> reasons =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Place, String> eldest) {
              return size() > REMEMBERED;
            }
          });

  private record Place(String topic, int partition, long offset) {}

  void add(String topic, int partition, long offset, String reason) {
    reasons.put(new Place(topic, partition, offset), reason);
  }

  /** What the broker said, or null where it did not refuse. */
  @Nullable String reason(RecordMetadata outcome) {
    return reasons.get(new Place(outcome.topic(), outcome.partition(), outcome.offset()));
  }
}
