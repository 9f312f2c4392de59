package io.smartedit.worker;

/** A request and its source, as it was read. */
record FetchedImage(ResolvedRequest request, KeptSource source) implements StageInput {

  @Override
  public Job job() {
    return request.job();
  }

  @Override
  public void discard() {
    source.lease().close();
  }
}
