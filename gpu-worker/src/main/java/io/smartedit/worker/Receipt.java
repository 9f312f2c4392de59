package io.smartedit.worker;

import org.apache.kafka.common.TopicPartition;

/**
 * What a worker holds of a record that it took: where the record lies, what is noted of it, and
 * whether it still is this worker's. Used by the requests thread, but where said otherwise.
 */
interface Receipt {

  TopicPartition partition();

  long offset();

  /** Notes where the record's request is; {@link Intake#note} says it outside this process. */
  void mark(AttemptMark mark);

  AttemptMark mark();

  /** Nobody here works on its request any more. From any thread. */
  void left();

  /** Whether the record went to somebody else, who answers it. From any thread. */
  boolean isAbandoned();
}
