package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.worker.OutcomePublisher.Result;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * How requests come to a worker, and how it is done with them. Used by the requests thread, but
 * where said otherwise.
 */
interface Intake extends AutoCloseable {

  /** Whether outcomes can be published; waits a while for the broker. */
  boolean isReady();

  /** Begins to take requests. */
  void open(Inside inside);

  /**
   * Takes records that have come and hands each to {@link RequestTaker}.
   *
   * @param room for so many that need the device; below 0 where there are more than enough
   */
  void take(int room);

  /** Says outside this process what is noted of these records; whether it is there. */
  boolean note(Collection<Receipt> receipts);

  /** A request over which a worker died while it ran alone came to its end: it was no cause. */
  void cameToItsEnd(Receipt suspect);

  /** Publishes events and is done with their records: both, or it may be tried again. */
  Result settle(List<Answer> answers);

  /** Records taken and not done. From any thread. */
  int openCount();

  /** Records that are known here and not taken yet. From any thread. */
  int waitingCount();

  /**
   * Requests of all workers that wait or are under way; not a number where the consumer's own lag
   * says it. From any thread.
   */
  double groupLag();

  /** Records that are left are others' from here on; to have been here was no attempt. */
  void handBack();

  @Override
  void close();

  /** Whether the worker lives, how an intake waits for the broker, and its time. */
  record Patience(Lifecycle lifecycle, PatientPoll polling, Clock clock, Ticker ticker) {}

  /** What an intake hands records to, and what has to go on where it waits for edits. */
  record Inside(
      RequestTaker taker, OpenJobs jobs, LeaveRules leaving, Outbox outbox, Runnable tend) {}

  /** What is published of a record: its outcome, or the request itself that is to be parked. */
  record Answer(Receipt receipt, ProducerRecord<String, SpecificRecord> record) {}
}
