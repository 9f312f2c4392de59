package io.smartedit.worker;

import io.smartedit.editor.image.ImageCodec;

/**
 * A result as it will be stored.
 *
 * @param sourceCredentials what its source's are worth
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
    ByteBudget.Lease lease)
    implements StageInput {

  @Override
  public void discard() {
    lease.close();
  }
}
