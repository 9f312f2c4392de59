package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Of a record that this worker has locked, as a member of a share group. */
final class SharedReceipt implements Receipt {

  private final ConsumerRecord<String, byte[]> record;
  private final @Nullable EditRequested request;
  private final Attempts attempts;
  private final long since;
  private @Nullable ShareMember member;
  private AttemptMark mark = AttemptMark.NONE;
  private volatile boolean abandoned;
  private volatile boolean left;

  /**
   * @param request none where the record is refused
   * @param since when it was taken, by the worker's ticker
   */
  SharedReceipt(
      ConsumerRecord<String, byte[]> record,
      @Nullable EditRequested request,
      Attempts attempts,
      ShareMember member,
      long since) {
    this.record = record;
    this.request = request;
    this.attempts = attempts;
    this.member = member;
    this.since = since;
  }

  ConsumerRecord<String, byte[]> record() {
    return record;
  }

  @Nullable EditRequested request() {
    return request;
  }

  Attempts attempts() {
    return attempts;
  }

  long since() {
    return since;
  }

  /** What keeps its lock; null where the lock is lost. */
  @Nullable ShareMember member() {
    return member;
  }

  void keptBy(@Nullable ShareMember now) {
    member = now;
  }

  @Override
  public TopicPartition partition() {
    return new TopicPartition(record.topic(), record.partition());
  }

  @Override
  public long offset() {
    return record.offset();
  }

  @Override
  public void mark(AttemptMark now) {
    mark = now;
  }

  @Override
  public AttemptMark mark() {
    return mark;
  }

  void abandon() {
    abandoned = true;
  }

  @Override
  public boolean isAbandoned() {
    return abandoned;
  }

  @Override
  public void left() {
    left = true;
  }

  /** Whether nobody here works on it, so that another worker may. */
  boolean isLeft() {
    return left;
  }
}
