package io.smartedit.worker;

/** What one stage of the pipeline hands to the next: a job, and what was found out about it. */
interface StageInput {

  Job job();

  /** Frees what it holds; called where the job has ended before the stage could begin. */
  default void discard() {}
}
