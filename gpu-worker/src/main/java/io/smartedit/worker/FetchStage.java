package io.smartedit.worker;

import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.SourcePolicy;
import io.smartedit.store.WebImages;
import io.smartedit.worker.FailureClassifier.Side;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The stage that reads sources. */
final class FetchStage {

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

  /** How long a source is says nobody before it is read. */
  StagePool.Plan<ResolvedRequest> plan(ByteBudget encoded) {
    return new StagePool.Plan<>(
        "reading sources", Side.SOURCE, encoded, input -> files(input) * maxBytes, this::fetch);
  }

  private void fetch(ResolvedRequest input, ByteBudget.Lease lease) {
    Job job = input.job();
    long begin = job.times().begin();
    byte[] bytes = read(input.source(), job.taken());
    String maskUri = mask(input);
    byte[] mask = maskUri == null ? null : read(maskUri, job.taken());
    job.times().add(StageTimes.Timed.FETCHED, begin);
    lease.shrinkTo(bytes.length + (mask == null ? 0L : mask.length));
    FetchedImage fetched = new FetchedImage(input, new KeptSource(bytes, mask, lease));
    if (job.moveTo(JobState.PREPARING)) {
      next.accept(fetched);
    } else {
      fetched.discard();
    }
  }

  private byte[] read(String uri, TakenRequest taken) {
    return uri.startsWith(SourcePolicy.WEB)
        ? web.read(uri, maxBytes, left(taken))
        : store.read(ObjectName.parse(uri), maxBytes);
  }

  private static @Nullable String mask(ResolvedRequest input) {
    return input.job().taken().request().getOptions().getMask();
  }

  private static int files(ResolvedRequest input) {
    return mask(input) == null ? 1 : 2;
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
