package io.smartedit.worker;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls; what the broker cannot give now is polled again after a growing pause, and the worker
 * lives.
 */
final class PatientPoll {

  private static final Logger LOG = LoggerFactory.getLogger(PatientPoll.class);
  private static final String HELD = "reading requests";

  private final Lifecycle lifecycle;
  private final RetryPolicy retries;
  private final Holds holds;
  private int failures;

  PatientPoll(Lifecycle lifecycle, RetryPolicy retries, Holds holds) {
    this.lifecycle = lifecycle;
    this.retries = retries;
    this.holds = holds;
  }

  /**
   * What was polled, or {@code nothing}.
   *
   * @throws FencedInstanceIdException if another worker has this one's id
   */
  <T> T orElse(Supplier<T> poll, T nothing) {
    try {
      T polled = poll.get();
      if (failures > 0) {
        failures = 0;
        holds.clear(HELD);
      }
      return polled;
    } catch (FencedInstanceIdException e) {
      throw e;
    } catch (KafkaException e) {
      failures++;
      Duration pause = retries.afterOutage(failures);
      if (e instanceof AuthorizationException || e instanceof AuthenticationException) {
        holds.report(HELD, String.valueOf(e.getMessage()), pause);
      } else {
        LOG.warn("nothing could be polled: {}", e.getMessage());
      }
      lifecycle.rest(pause);
      return nothing;
    }
  }
}
