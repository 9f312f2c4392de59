package io.smartedit.sink;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.Topics;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The count of records that no event comes of, by topic and reason: {@code
 * smartedit_sink_passed_over_total}. Thread-safe.
 */
final class PassedOver {

  /** Under which exception handlers, which Kafka Streams makes, find it among their settings. */
  static final String SETTING = "smartedit.passed-over";

  private static final Logger LOG = LoggerFactory.getLogger(PassedOver.class);
  private static final String NAME = "smartedit.sink.passed.over";

  private final MeterRegistry meters;

  /** Why a record is passed over. */
  enum Reason {
    /** Its bytes are not what its topic carries. */
    UNREADABLE,
    /** It has no value. */
    EMPTY,
    /** Its key is not its request's id. */
    KEY,
    /** Its request or tenant has no proper name. */
    NAME,
    /** It met a fault of the sink. */
    FAULT
  }

  PassedOver(MeterRegistry meters) {
    this.meters = meters;
    for (Reason reason : Reason.values()) { // a rate is not seen of a counter that begins with 1
      counter(Topics.OUTCOMES, reason);
    }
  }

  private Counter counter(@Nullable String topic, Reason reason) {
    return meters.counter(NAME, "topic", String.valueOf(topic), "reason", name(reason));
  }

  private static String name(Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /** {@code what} is said of it in the log. */
  void count(@Nullable String topic, int partition, long offset, Reason reason, String what) {
    counter(topic, reason).increment();
    LOG.warn("{}-{}-{} is passed over, {}: {}", topic, partition, offset, name(reason), what);
  }
}
