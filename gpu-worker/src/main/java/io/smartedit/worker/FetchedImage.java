package io.smartedit.worker;

/**
 * A request and its source, as it was read.
 *
 * @param lease of the source's bytes
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor hashed
record FetchedImage(ResolvedRequest request, byte[] bytes, ByteBudget.Lease lease)
    implements StageInput {

  @Override
  public Job job() {
    return request.job();
  }

  @Override
  public void discard() {
    lease.close();
  }
}
