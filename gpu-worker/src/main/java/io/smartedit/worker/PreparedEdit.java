package io.smartedit.worker;

import io.smartedit.editor.PreparedRequest;
import io.smartedit.events.Priority;
import io.smartedit.provenance.Source;

/** An edit that can begin: its source at the sizes that the model reads. */
record PreparedEdit(Job job, PreparedRequest request, Source source) implements StageInput {

  Priority priority() {
    return Lanes.of(job.taken()).priority();
  }

  /** Edits that it makes. */
  int variants() {
    return job.taken().variants();
  }
}
