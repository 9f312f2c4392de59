package io.smartedit.worker;

import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.provenance.Source;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job's edits that have left the device: those of its images, at working size, that are not
 * stored yet.
 *
 * @param source what its credentials are worth
 * @param images by variant, the first of them first; the last one here is the next to be stored
 * @param roundTrip its source at working size through the autoencoder alone; null where it is not
 *     composited
 */
record DecodedEdit(
    Job job, PreparedRequest request, Source source, List<Image> images, @Nullable Image roundTrip)
    implements StageInput {

  /** The variant that is next to be stored. */
  int variant() {
    return images.size() - 1;
  }

  /** What is to be stored after that one. */
  Optional<DecodedEdit> rest() {
    return variant() == 0
        ? Optional.empty()
        : Optional.of(
            new DecodedEdit(job, request, source, images.subList(0, variant()), roundTrip));
  }
}
