package io.smartedit.worker;

import io.smartedit.editor.composite.Change;
import io.smartedit.editor.image.ImageCodec;
import java.util.Optional;

/**
 * A result as it will be stored.
 *
 * @param variant which one of its request's
 * @param rest what is to be encoded once it is stored; variants come last first, so that the first
 *     one's being there says that all are
 * @param sourceCredentials what its source's are worth
 * @param change what it changed of its source, where it was laid into that
 * @param lease of its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor hashed
record EncodedImage(
    Job job,
    int variant,
    byte[] bytes,
    ImageCodec.Format format,
    int width,
    int height,
    String sourceCredentials,
    Optional<Change> change,
    Optional<DecodedEdit> rest,
    ByteBudget.Lease lease)
    implements StageInput {

  @Override
  public void discard() {
    lease.close();
  }
}
