package io.smartedit.worker;

import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.SourcePolicy;
import io.smartedit.store.StoreException;
import io.smartedit.store.WebImages;
import io.smartedit.worker.FailureClassifier.Side;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * The stage that reads sources. How long one is says nobody before it is read: room for a usual one
 * is taken first, and one that turns out longer is read anew once there is room for all of it.
 */
final class FetchStage {

  private static final long USUAL = 1 << 20;

  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final ObjectStore store;
  private final WebImages web;
  private final long maxBytes;
  private final Clock clock;
  private final Consumer<FetchedImage> next;

  FetchStage(
      ObjectStore store, WebImages web, long maxBytes, Clock clock, Consumer<FetchedImage> next) {
    this.store = store;
    this.web = web;
    this.maxBytes = maxBytes;
    this.clock = clock;
    this.next = next;
  }

  StagePool.Plan<ResolvedRequest> plan(ByteBudget encoded) {
    return new StagePool.Plan<>(
        "reading sources",
        Side.SOURCE,
        encoded,
        input -> files(input).size() * usual(),
        this::fetch);
  }

  private void fetch(ResolvedRequest input, ByteBudget.Lease lease) throws InterruptedException {
    Job job = input.job();
    long begin = job.times().begin();
    List<byte[]> files = readAll(files(input), lease, job.taken());
    byte[] bytes = files.get(0);
    byte[] mask = files.size() > 1 ? files.get(1) : null;
    job.times().add(StageTimes.Timed.FETCHED, begin);
    lease.shrinkTo(files.stream().mapToLong(file -> file.length).sum());
    FetchedImage fetched = new FetchedImage(input, new KeptSource(bytes, mask, lease));
    if (job.moveTo(JobState.PREPARING)) {
      next.accept(fetched);
    } else {
      fetched.discard();
    }
  }

  private List<byte[]> readAll(List<String> uris, ByteBudget.Lease lease, TakenRequest taken)
      throws InterruptedException {
    long[] rooms = new long[uris.size()];
    Arrays.fill(rooms, usual());
    List<byte[]> files = new ArrayList<>();
    while (files.size() < rooms.length) {
      int next = files.size();
      String uri = uris.get(next);
      try {
        files.add(read(uri, rooms[next], taken));
      } catch (StoreException e) {
        rooms[next] = larger(uri, rooms[next], e);
        files.clear(); // nothing is held while more is waited for
        lease.exchangeFor(LongStream.of(rooms).sum());
      }
    }
    return files;
  }

  private long usual() {
    return Math.min(USUAL, maxBytes);
  }

  /** The room that a file needs that was too large for its room. */
  private long larger(String uri, long room, StoreException e) {
    if (e.kind() != StoreException.Kind.TOO_LARGE || room >= maxBytes) {
      throw e;
    }
    if (e.size() > maxBytes) {
      throw StoreException.tooLarge(uri, maxBytes, e.size());
    }
    return e.size() > room ? e.size() : maxBytes;
  }

  private byte[] read(String uri, long room, TakenRequest taken) {
    return uri.startsWith(SourcePolicy.WEB)
        ? web.read(uri, room, left(taken))
        : store.read(ObjectName.parse(uri), room);
  }

  /** The source, and the mask where there is one. */
  private static List<String> files(ResolvedRequest input) {
    String mask = input.job().taken().request().getOptions().getMask();
    return mask == null ? List.of(input.source()) : List.of(input.source(), mask);
  }

  /** How long the web may take: no longer than somebody waits for the result. */
  private Duration left(TakenRequest taken) {
    Instant deadline = taken.request().getDeadline();
    if (deadline == null) {
      return LONGEST;
    }
    Duration left = Duration.between(clock.instant(), deadline);
    return left.compareTo(LONGEST) < 0 ? left : LONGEST;
  }
}
