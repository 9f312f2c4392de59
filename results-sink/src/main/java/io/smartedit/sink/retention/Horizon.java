package io.smartedit.sink.retention;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** How far the stream has read its topics. */
public interface Horizon extends AutoCloseable {

  /** Where topics end now. */
  Map<TopicPartition, Long> ends(Collection<String> topics);

  /** Whether the stream has read, and committed, everything before these ends. */
  boolean isReached(Map<TopicPartition, Long> ends);

  @Override
  void close();
}
