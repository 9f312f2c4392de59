package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.EditRequested;
import io.smartedit.events.RegistryException;
import io.smartedit.worker.RequestDecoder.Decoded;
import io.smartedit.worker.RequestTaker.Taking;
import io.smartedit.worker.fair.Lane;
import io.smartedit.worker.fair.ReadAhead;
import io.smartedit.worker.fair.ReadAhead.Read;
import io.smartedit.worker.fair.Reading;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads partitions ahead of what is taken from them, and goes back to what it passed over. What
 * needs no device is taken as it is read; the rest waits for its turn. Used by the consumer's
 * thread.
 */
final class PartitionReader {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionReader.class);
  private static final int MORE = 4;
  private static final long SWEEP_NANOS = Duration.ofMillis(500).toNanos();

  private final Consumer<String, byte[]> consumer;
  private final Partitions partitions;
  private final ReadAhead<TakenRequest> ahead;
  private final ToDoubleFunction<EditRequested> cost;
  private final Ticker ticker;
  private final Map<TopicPartition, Resting> resting = new HashMap<>();
  private long swept;

  /** A partition whose next record could not be read: how often not, and when it is tried again. */
  private record Resting(int tries, long until) {}

  /** What a record is taken with. */
  interface Takes {
    Taking take(PartitionReceipt receipt);
  }

  /**
   * @param cost device time of a request, in any unit
   */
  PartitionReader(
      Consumer<String, byte[]> consumer,
      Partitions partitions,
      ReadAhead<TakenRequest> ahead,
      ToDoubleFunction<EditRequested> cost,
      Ticker ticker) {
    this.consumer = consumer;
    this.partitions = partitions;
    this.ahead = ahead;
    this.cost = cost;
    this.ticker = ticker;
    swept = ticker.read();
  }

  /** Partitions that cannot be read now. */
  Set<TopicPartition> resting() {
    long now = ticker.read();
    return resting.entrySet().stream()
        .filter(entry -> entry.getValue().until() - now > 0)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Goes back to what was passed over, where there is room for it now. */
  void goBack() {
    for (TopicPartition partition : partitions.all()) {
      OffsetLedger ledger = partitions.ledger(partition);
      if (ledger != null) {
        ledger.reading().again(ahead::hasRoom).ifPresent(from -> consumer.seek(partition, from));
      }
    }
  }

  /** Reads what was polled. */
  void read(
      ConsumerRecords<String, byte[]> records,
      RequestTaker taker,
      LeaveRules leaving,
      Takes takes) {
    for (TopicPartition partition : records.partitions()) {
      OffsetLedger ledger = partitions.ledger(partition);
      List<ConsumerRecord<String, byte[]>> some = records.records(partition);
      if (ledger == null) {
        consumer.seek(partition, some.get(0).offset());
      } else {
        new Pass(partition, ledger, taker, leaving, takes).read(some);
      }
    }
    for (TopicPartition partition : partitions.all()) {
      goOn(partition);
    }
    if (ticker.read() - swept >= SWEEP_NANOS) {
      swept = ticker.read();
      ahead.takeIf(request -> !leaving.isDue(request), request -> take(request, taker, takes));
    }
  }

  /** Where everything was read again that there is room for, on with what is new. */
  private void goOn(TopicPartition partition) {
    OffsetLedger ledger = partitions.ledger(partition);
    if (ledger == null || !ledger.reading().isAgain()) {
      return;
    }
    long position = consumer.position(partition);
    if (ledger.reading().isOver(position) && position < ledger.reading().next()) {
      consumer.seek(partition, ledger.reading().next());
    }
  }

  private static void take(TakenRequest request, RequestTaker taker, Takes takes) {
    taker.take(request.request(), takes.take((PartitionReceipt) request.receipt()));
  }

  /**
   * Takes those whose turn it is, as many as there is room for, and some more where their lane has
   * nothing under way: these are ready when the device is, and do not wait for twice.
   */
  void takeNext(int room, Predicate<Lane> underWay, RequestTaker taker, Takes takes) {
    for (int left = room; left + MORE > 0; left--) {
      Optional<Lane> lane = ahead.nextLane();
      if (lane.isEmpty() || (left <= 0 && underWay.test(lane.get()))) {
        return;
      }
      take(ahead.next().orElseThrow(), taker, takes);
    }
  }

  /** Requests that wait for their turn, here or in the log alone. */
  int waiting() {
    long passedOver = 0;
    for (TopicPartition partition : partitions.all()) {
      OffsetLedger ledger = partitions.ledger(partition);
      passedOver += ledger == null ? 0 : ledger.reading().passedOver();
    }
    return (int) Math.min(Integer.MAX_VALUE, ahead.size() + passedOver);
  }

  /** Some records of a partition. */
  private final class Pass {
    private final TopicPartition partition;
    private final OffsetLedger ledger;
    private final Reading reading;
    private final RequestTaker taker;
    private final LeaveRules leaving;
    private final Takes takes;

    private Pass(
        TopicPartition partition,
        OffsetLedger ledger,
        RequestTaker taker,
        LeaveRules leaving,
        Takes takes) {
      this.partition = partition;
      this.ledger = ledger;
      this.reading = ledger.reading();
      this.taker = taker;
      this.leaving = leaving;
      this.takes = takes;
    }

    private void read(List<ConsumerRecord<String, byte[]>> records) {
      for (ConsumerRecord<String, byte[]> record : records) {
        boolean over = reading.isOver(record.offset());
        if (over && record.offset() < reading.next()) {
          consumer.seek(partition, reading.next());
          return;
        }
        if (!ledger.isNew(record.offset())) {
          LOG.warn("{}-{} was read again and is passed over", partition, record.offset());
          continue;
        }
        Decoded decoded = taker.decode(record);
        if (decoded instanceof Decoded.NotNow notNow) {
          rest(notNow.reason());
          consumer.seek(partition, record.offset());
          return;
        }
        resting.remove(partition);
        see(record, decoded);
      }
    }

    private void see(ConsumerRecord<String, byte[]> record, Decoded decoded) {
      PartitionReceipt receipt = new PartitionReceipt(partition, record.offset(), ledger);
      if (decoded instanceof Decoded.Request request) {
        see(record, new TakenRequest(receipt, Attempts.NONE, false, request.request()));
      } else if (decoded instanceof Decoded.Refused refused && record.offset() >= reading.next()) {
        reading.passed(record.offset());
        taker.refuse(record, refused, takes.take(receipt));
      }
    }

    private void see(ConsumerRecord<String, byte[]> record, TakenRequest request) {
      Read read =
          new Read(
              reading,
              record.offset(),
              Lanes.of(request),
              cost.applyAsDouble(request.request()),
              record.serializedValueSize());
      if (!ahead.isWanted(read)) {
        return;
      }
      if (leaving.isDue(request)) {
        ahead.add(read, request);
      } else {
        ahead.isTaken(read);
        take(request, taker, takes);
      }
    }

    private void rest(RegistryException reason) {
      Resting before = resting.get(partition);
      int tries = before == null ? 1 : before.tries() + 1;
      Duration pause = taker.pause(reason, tries, partition);
      resting.put(partition, new Resting(tries, ticker.read() + pause.toNanos()));
    }
  }
}
