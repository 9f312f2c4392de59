package io.smartedit.worker;

import io.smartedit.editor.composite.Change;
import io.smartedit.editor.image.ImageCodec;
import java.util.Optional;

/**
 * A result as it will be stored.
 *
 * @param sourceCredentials what its source's are worth
 * @param change what it changed of its source, where it was laid into that
 * @param lease of its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor hashed
record EncodedImage(
    Job job,
    byte[] bytes,
    ImageCodec.Format format,
    int width,
    int height,
    String sourceCredentials,
    Optional<Change> change,
    ByteBudget.Lease lease)
    implements StageInput {

  @Override
  public void discard() {
    lease.close();
  }
}
