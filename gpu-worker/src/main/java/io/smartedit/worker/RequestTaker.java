package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.EditRequested;
import io.smartedit.events.RegistryException;
import io.smartedit.worker.RequestDecoder.Decoded;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes jobs of records; what is no request is refused at once. Used by the requests thread. */
final class RequestTaker {

  private static final Logger LOG = LoggerFactory.getLogger(RequestTaker.class);
  private static final String HELD = "reading schemas";

  private final RequestDecoder decoder;
  private final Consumer<Job> jobs;
  private final Outbox outbox;
  private final Outcomes outcomes;
  private final RetryPolicy retries;
  private final Holds holds;
  private final Clock clock;
  private final Ticker ticker;
  private boolean held;

  /**
   * A record that is taken.
   *
   * @param attempts how earlier workers fared with it
   * @param poison whether it is given up for what it did to them
   * @param waited for another request's result, in other workers
   */
  record Taking(Receipt receipt, Attempts attempts, boolean poison, Duration waited) {}

  /** Clocks and what is told to whom. */
  record Services(RetryPolicy retries, Holds holds, Clock clock, Ticker ticker) {}

  /** {@code jobs} takes each request on its way. */
  RequestTaker(
      RequestDecoder decoder,
      Consumer<Job> jobs,
      Outbox outbox,
      Outcomes outcomes,
      Services services) {
    this.decoder = decoder;
    this.jobs = jobs;
    this.outbox = outbox;
    this.outcomes = outcomes;
    this.retries = services.retries();
    this.holds = services.holds();
    this.clock = services.clock();
    this.ticker = services.ticker();
  }

  /** What a record is; {@link Decoded.NotNow} where its schema cannot be had now. */
  Decoded decode(ConsumerRecord<String, byte[]> record) {
    Decoded decoded = decoder.decode(record);
    if (held && !(decoded instanceof Decoded.NotNow)) {
      held = false;
      holds.clear(HELD);
    }
    return decoded;
  }

  /** Takes a request on its way. */
  void take(EditRequested request, Taking taking) {
    TakenRequest taken =
        new TakenRequest(taking.receipt(), taking.attempts(), taking.poison(), request);
    Job job = new Job(taken, new StageTimes(clock, ticker, request.getRequestedAt()));
    if (!taking.waited().isZero()) {
      job.waitsSince(ticker.read() - taking.waited().toNanos());
    }
    jobs.accept(job);
  }

  /** Answers a record that is no request. */
  void refuse(ConsumerRecord<String, byte[]> record, Decoded.Refused refused, Taking taking) {
    outbox.add(taking.receipt(), outcomes.refused(record, refused));
  }

  /** How long a record waits that could not be read; whoever can mend that is told. */
  Duration pause(RegistryException reason, int tries, Object place) {
    if (reason.kind() == RegistryException.Kind.MISCONFIGURED) {
      Duration pause = retries.afterOurs(tries);
      held = true;
      holds.report(HELD, String.valueOf(reason.getMessage()), pause);
      return pause;
    }
    LOG.warn("{}; {} waits", reason.getMessage(), place);
    return retries.afterOutage(tries);
  }
}
