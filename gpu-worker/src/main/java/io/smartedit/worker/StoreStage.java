package io.smartedit.worker;

import io.smartedit.events.EditResult;
import io.smartedit.worker.FailureClassifier.Side;
import java.util.Optional;
import java.util.function.Consumer;

/** The stage that writes results; a job's further ones are encoded after that. */
final class StoreStage {

  private final ResultStore results;
  private final JobEndings endings;
  private final Consumer<DecodedEdit> again;

  StoreStage(ResultStore results, JobEndings endings, Consumer<DecodedEdit> again) {
    this.results = results;
    this.endings = endings;
    this.again = again;
  }

  /** The bytes are in the lease that comes with them. */
  StagePool.Plan<EncodedImage> plan(ByteBudget none) {
    return new StagePool.Plan<>("writing results", Side.OUTPUT, none, input -> 0, this::store);
  }

  private void store(EncodedImage input, ByteBudget.Lease lease) {
    Job job = input.job();
    long begin = job.times().begin();
    Optional<EditResult> result = results.store(input);
    job.times().add(StageTimes.Timed.STORED, begin);
    lease.close();
    input.discard();
    result.ifPresent(all -> endings.edited(job, all));
    input.rest().filter(rest -> job.moveTo(JobState.ENCODING)).ifPresent(again);
  }
}
