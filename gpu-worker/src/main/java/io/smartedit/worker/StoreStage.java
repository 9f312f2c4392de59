package io.smartedit.worker;

import io.smartedit.events.EditResult;
import io.smartedit.worker.FailureClassifier.Side;

/** The stage that writes results. */
final class StoreStage {

  private final ResultStore results;
  private final JobEndings endings;

  StoreStage(ResultStore results, JobEndings endings) {
    this.results = results;
    this.endings = endings;
  }

  /** The bytes are in the lease that comes with them. */
  StagePool.Plan<EncodedImage> plan(ByteBudget none) {
    return new StagePool.Plan<>("writing results", Side.OUTPUT, none, input -> 0, this::store);
  }

  private void store(EncodedImage input, ByteBudget.Lease lease) {
    Job job = input.job();
    long begin = job.times().begin();
    EditResult result = results.store(input);
    job.times().add(StageTimes.Timed.STORED, begin);
    lease.close();
    input.discard();
    endings.edited(job, result);
  }
}
