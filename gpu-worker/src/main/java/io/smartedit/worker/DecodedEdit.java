package io.smartedit.worker;

import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.provenance.Source;
import org.jspecify.annotations.Nullable;

/**
 * An edit that has left the device: its image at working size.
 *
 * @param source what its credentials are worth
 * @param roundTrip its source at working size through the autoencoder alone; null where it is not
 *     composited
 */
record DecodedEdit(
    Job job, PreparedRequest request, Source source, Image image, @Nullable Image roundTrip)
    implements StageInput {}
