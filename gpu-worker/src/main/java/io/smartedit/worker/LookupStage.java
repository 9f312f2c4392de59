package io.smartedit.worker;

import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.EditResult;
import io.smartedit.events.FailureKind;
import io.smartedit.store.ObjectName;
import io.smartedit.store.SourcePolicy;
import io.smartedit.worker.FailureClassifier.Side;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The first stage: a request is checked, answered where its result stands already, given up where
 * it kills workers, and its source is looked up, where it is another request's result.
 */
final class LookupStage {

  private final ResultStore results;
  private final DependentRequests dependents;
  private final SourcePolicy sources;
  private final String model;
  private final EditOptions defaults;
  private final Set<String> adapters;
  private final JobEndings endings;
  private final Consumer<ResolvedRequest> next;

  LookupStage(
      WorkerSettings settings,
      EditOptions defaults,
      Set<String> adapters,
      ResultStore results,
      DependentRequests dependents,
      JobEndings endings,
      Consumer<ResolvedRequest> next) {
    this.results = results;
    this.dependents = dependents;
    this.sources = settings.sources();
    this.model = settings.modelName();
    this.defaults = defaults;
    this.adapters = Set.copyOf(adapters);
    this.endings = endings;
    this.next = next;
  }

  StagePool.Plan<TakenJob> plan(ByteBudget none) {
    return new StagePool.Plan<>(
        "looking up results",
        Side.OUTPUT,
        none,
        input -> 0,
        (input, lease) -> {
          lookUp(input.job());
          lease.close();
        });
  }

  /** A job at the pipeline's beginning. */
  record TakenJob(Job job) implements StageInput {}

  private void lookUp(Job job) {
    TakenRequest taken = job.taken();
    RequestCheck.check(taken.request(), sources, model);
    EditOptions options = RequestCheck.options(taken.request(), defaults);
    RequestCheck.checkAdapters(options.adapters(), adapters, model);
    Optional<EditResult> standing = results.standing(taken);
    if (standing.isPresent()) {
      endings.edited(job, standing.get());
      return;
    }
    if (taken.poison()) {
      throw JobFailedException.failed(
          FailureKind.INTERNAL,
          "the worker died " + taken.attempts().alone() + " times over this request",
          null);
    }
    Optional<String> source = source(job);
    if (source.isPresent() && job.moveTo(JobState.RESOLVED)) {
      next.accept(new ResolvedRequest(job, source.get(), options));
    }
  }

  /** Where the source lies; none where the job has to wait for it. */
  private Optional<String> source(Job job) {
    TakenRequest taken = job.taken();
    Optional<String> origin = taken.origin();
    if (origin.isEmpty()) {
      return Optional.of(taken.request().getSource());
    }
    Optional<ObjectName> image = dependents.image(taken, origin.get());
    if (image.isEmpty()) {
      image = results.resultOf(origin.get(), taken);
    }
    if (image.isEmpty()) {
      dependents.await(job, origin.get());
    }
    return image.map(ObjectName::toString);
  }
}
