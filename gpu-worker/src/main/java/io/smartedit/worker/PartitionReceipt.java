package io.smartedit.worker;

import org.apache.kafka.common.TopicPartition;

/**
 * Of a record that was taken from a partition of this worker's.
 *
 * @param ledger tells one assignment of the partition from the next
 */
record PartitionReceipt(TopicPartition partition, long offset, OffsetLedger ledger)
    implements Receipt {

  @Override
  public void mark(AttemptMark mark) {
    ledger.mark(offset, mark);
  }

  @Override
  public AttemptMark mark() {
    return ledger.markOf(offset);
  }

  @Override
  public void left() {
    // its partition goes, or the worker does; either says so
  }

  @Override
  public boolean isAbandoned() {
    return ledger.isAbandoned();
  }
}
