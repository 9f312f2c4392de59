package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.worker.OutcomePublisher.Result;
import io.smartedit.worker.RequestDecoder.Decoded;
import io.smartedit.worker.RequestTaker.Taking;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes single records, as a member of a share group: any number of workers read one partition, in
 * no order. A record is locked while it is worked on and done with once its outcome is durable.
 *
 * <p>The broker counts deliveries, whatever they came to: a drain, a lost connection and a death
 * all look the same, and a record that was delivered too often is dropped without a word. So deaths
 * are noted aside ({@link AttemptNotes}), and long before the last delivery a record is sent again
 * as a new one.
 */
final class ShareIntake implements Intake {

  /** On a record that was sent again: since when it waits for another request, in milliseconds. */
  static final String WAITS_SINCE = "smartedit-waits-since";

  private static final Logger LOG = LoggerFactory.getLogger(ShareIntake.class);
  private static final Duration REST = Duration.ofSeconds(1);
  private static final int EVERY = 8;
  private static final long LOOK_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long PACE_NANOS = Duration.ofMillis(5).toNanos();
  private static final long SHORTEST_WAIT = Duration.ofMillis(300).toNanos();
  private static final long LONGEST_WAIT = Duration.ofSeconds(5).toNanos();

  private final List<ShareMembers> topics;
  private final int places;
  private final ShareGroup group;
  private final DurablePublisher publisher;
  private final AttemptNotes notes;
  private final Patience patience;
  private final Set<SharedReceipt> receipts = ConcurrentHashMap.newKeySet(); // gauged

  /** Members whose record could not be read yet: how often not, and when it is tried again. */
  private final Map<ShareMember, Unread> unread = new HashMap<>();

  private @Nullable Inside inside;
  private Set<String> dealtOut = Set.of();
  private long lookedAt;
  private int taken;

  private record Unread(int tries, long until) {}

  /**
   * The intake owns all of these.
   *
   * @param topics of requests, those first that are asked first
   * @param places in the device
   */
  ShareIntake(
      List<ShareMembers> topics,
      int places,
      ShareGroup group,
      DurablePublisher publisher,
      AttemptNotes notes,
      Patience patience) {
    this.topics = List.copyOf(topics);
    this.places = places;
    this.group = group;
    this.publisher = publisher;
    this.notes = notes;
    this.patience = patience;
    lookedAt = patience.ticker().read() - LOOK_NANOS;
  }

  @Override
  public boolean isReady() {
    return publisher.isReady() && group.prepare() && notes.catchUp();
  }

  @Override
  public void open(Inside given) {
    inside = given;
  }

  @Override
  public void take(int room) {
    Inside open = opened();
    for (SharedReceipt receipt : List.copyOf(receipts)) {
      keep(receipt, open);
    }
    passOnThoseThatWait(open);
    rereadUnread(open);
    int free = Math.min(room, places - open.jobs().needingDevice() - unread.size());
    if (free > 0) {
      taken += patience.polling().orElse(() -> fill(free, open), 0);
    }
    LockSupport.parkNanos(PACE_NANOS);
  }

  private Inside opened() {
    if (inside == null) {
      throw new IllegalStateException("the intake is not open");
    }
    return inside;
  }

  /**
   * Takes what has come, in the order of the topics, and every eighth time the other way round, so
   * that the last are served, too. No more are asked for than the device has places: what is held
   * here in advance, no idle worker can take. Answers how many came.
   */
  private int fill(int places, Inside open) {
    List<ShareMembers> order = new ArrayList<>(topics);
    if (taken % EVERY == EVERY - 1) {
      Collections.reverse(order);
    }
    long now = patience.ticker().read();
    lookHowPartitionsLie(now);
    int came = 0;
    for (ShareMembers topic : order) {
      int asked = 0;
      for (ShareMember member : topic.free(dealtOut.contains(topic.topic()), now)) {
        if (asked >= places - came) {
          break;
        }
        asked++;
        topic.asked(member);
        Optional<ConsumerRecord<String, byte[]>> record = member.poll();
        if (record.isPresent()) {
          came++;
          begin(member, record.get(), open);
        }
      }
    }
    return came;
  }

  private void lookHowPartitionsLie(long now) {
    if (now - lookedAt >= LOOK_NANOS) {
      lookedAt = now;
      dealtOut = group.dealtOut();
    }
  }

  private void begin(ShareMember member, ConsumerRecord<String, byte[]> record, Inside open) {
    Optional<SharedReceipt> here = receipts.stream().filter(one -> isOf(one, record)).findFirst();
    if (here.isPresent()) { // its lock was lost, and this worker got it again
      here.get().keptBy(member);
      return;
    }
    Unread before = unread.remove(member);
    int tries = before == null ? 1 : before.tries() + 1;
    if (deliveries(record) > 1 && !notes.catchUp()) {
      rest(member, tries, REST);
      return;
    }
    Decoded decoded = open.taker().decode(record);
    if (decoded instanceof Decoded.NotNow notNow) {
      rest(member, tries, open.taker().pause(notNow.reason(), tries, record.topic()));
    } else if (decoded instanceof Decoded.Refused refused) {
      open.taker().refuse(record, refused, taking(receipt(member, record, null), 0));
    } else if (decoded instanceof Decoded.Request read) {
      take(member, receipt(member, record, read.request()), read.request(), tries);
    }
  }

  private void take(ShareMember member, SharedReceipt receipt, EditRequested request, int tries) {
    long since = waitsSince(receipt.record());
    if (deliveries(receipt.record()) < group.resendAt()) {
      opened().taker().take(request, taking(receipt, since));
    } else if (sendAgain(receipt, since)) {
      member.accept();
    } else {
      rest(member, tries, REST);
    }
  }

  private static boolean isOf(SharedReceipt receipt, ConsumerRecord<String, byte[]> record) {
    return receipt.offset() == record.offset()
        && receipt.partition().partition() == record.partition()
        && receipt.partition().topic().equals(record.topic());
  }

  private static int deliveries(ConsumerRecord<String, byte[]> record) {
    return record.deliveryCount().orElse((short) 1);
  }

  private void rest(ShareMember member, int tries, Duration pause) {
    unread.put(member, new Unread(tries, patience.ticker().read() + pause.toNanos()));
  }

  private void rereadUnread(Inside open) {
    for (Map.Entry<ShareMember, Unread> entry : List.copyOf(unread.entrySet())) {
      ShareMember member = entry.getKey();
      if (!member.keep()) {
        unread.remove(member);
      } else if (entry.getValue().until() - patience.ticker().read() <= 0) {
        member.held().ifPresent(record -> begin(member, record, open));
      }
    }
  }

  private SharedReceipt receipt(
      ShareMember member, ConsumerRecord<String, byte[]> record, @Nullable EditRequested request) {
    Attempts attempts = request == null ? Attempts.NONE : notes.of(request, deliveries(record));
    return new SharedReceipt(record, request, attempts, member, patience.ticker().read());
  }

  private Taking taking(SharedReceipt receipt, long since) {
    receipts.add(receipt);
    long waited = since == 0 ? 0 : Math.max(0, patience.clock().millis() - since);
    Attempts attempts = receipt.attempts();
    return new Taking(receipt, attempts, notes.isPoison(attempts), Duration.ofMillis(waited));
  }

  /** Keeps a record's lock, or lets go of a record that nobody works on. */
  private void keep(SharedReceipt receipt, Inside open) {
    if (receipt.isLeft()) {
      if (!patience.lifecycle().isDead()) {
        letGo(receipt);
      }
      return;
    }
    ShareMember member = receipt.member();
    if (member == null || member.keep()) {
      return;
    }
    receipt.keptBy(null);
    int left = open.jobs().leaveUnbegun(receipt::equals);
    LOG.info("the lock of {}-{} is lost", receipt.partition(), receipt.offset());
    if (left > 0) {
      receipt.abandon();
      receipts.remove(receipt);
    }
  }

  private void letGo(SharedReceipt receipt) {
    if (receipt.mark() != AttemptMark.NONE) { // else the next worker takes it for a death
      receipt.mark(AttemptMark.NONE);
      boolean said = notes.note(List.of(receipt));
      LOG.trace("{} is handed back, said is {}", receipt.offset(), said);
    }
    ShareMember member = receipt.member();
    if (member != null) {
      member.release();
    }
    receipts.remove(receipt);
  }

  /**
   * A request that waits for another's result must not keep that one from being taken: it goes to
   * the topic's end, soon where no member is free. What it has waited for already goes with it.
   */
  private void passOnThoseThatWait(Inside open) {
    long now = patience.ticker().read();
    for (Job job : open.jobs().thatWait()) {
      SharedReceipt receipt = (SharedReceipt) job.taken().receipt();
      long waited = now - job.waitsSince(now);
      boolean scarce =
          topics.stream()
              .filter(one -> one.topic().equals(receipt.partition().topic()))
              .noneMatch(ShareMembers::isAnyFree);
      long hold = scarce ? Math.max(SHORTEST_WAIT, waited / 8) : LONGEST_WAIT;
      ShareMember member = receipt.member();
      if (member == null || now - receipt.since() < Math.min(hold, LONGEST_WAIT)) {
        continue;
      }
      long since = patience.clock().millis() - Duration.ofNanos(waited).toMillis();
      if (sendAgain(receipt, since)) {
        member.accept();
        receipts.remove(receipt);
        open.jobs().leaveUnbegun(receipt::equals);
      }
    }
  }

  /** Sends a record's request again, as a new record, with how it fared; whether it is there. */
  private boolean sendAgain(SharedReceipt receipt, long waitsSince) {
    ConsumerRecord<String, byte[]> record = receipt.record();
    ProducerRecord<String, SpecificRecord> again =
        new ProducerRecord<>(
            record.topic(), record.partition(), record.key(), receipt.request(), record.headers());
    again.headers().remove(WAITS_SINCE);
    if (waitsSince > 0) {
      again.headers().add(WAITS_SINCE, ByteBuffer.allocate(Long.BYTES).putLong(waitsSince).array());
    }
    boolean noted = !receipt.attempts().isSuspect() || notes.note(List.of(receipt));
    return noted && publisher.publish(List.of(again)) == Result.PUBLISHED;
  }

  private static long waitsSince(ConsumerRecord<String, byte[]> record) {
    Header header = record.headers().lastHeader(WAITS_SINCE);
    return header == null || header.value() == null || header.value().length != Long.BYTES
        ? 0
        : ByteBuffer.wrap(header.value()).getLong();
  }

  @Override
  public boolean note(Collection<Receipt> touched) {
    return notes.note(touched.stream().map(SharedReceipt.class::cast).toList());
  }

  @Override
  public void cameToItsEnd(Receipt suspect) {
    notes.cameToItsEnd((SharedReceipt) suspect);
  }

  /** Once outcomes are durable, their records are done with; a lost lock changes nothing. */
  @Override
  public Result settle(List<Answer> answers) {
    Result result = publisher.publish(answers.stream().map(Answer::record).toList());
    if (result == Result.PUBLISHED) {
      for (Answer answer : answers) {
        SharedReceipt receipt = (SharedReceipt) answer.receipt();
        ShareMember member = receipt.member();
        if (member != null) {
          member.accept();
        }
        receipts.remove(receipt);
      }
    }
    return result;
  }

  @Override
  public int openCount() {
    return receipts.size();
  }

  @Override
  public int waitingCount() {
    return 0;
  }

  @Override
  public double groupLag() {
    return group.lag();
  }

  @Override
  public void handBack() {
    List.copyOf(receipts).forEach(this::letGo);
  }

  @Override
  public void close() {
    topics.forEach(topic -> topic.all().forEach(ShareMember::close));
    notes.close();
    publisher.close();
    group.close();
  }
}
