package io.smartedit.worker;

import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.provenance.Source;

/** An edit that has left the device: its image at working size. */
record DecodedEdit(Job job, PreparedRequest request, Source source, Image image)
    implements StageInput {}
