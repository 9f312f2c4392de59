package io.smartedit.worker;

import io.smartedit.editor.PreparedRequest;
import io.smartedit.provenance.Source;

/** An edit that can begin: its source at the sizes that the model reads. */
record PreparedEdit(Job job, PreparedRequest request, Source source) implements StageInput {}
