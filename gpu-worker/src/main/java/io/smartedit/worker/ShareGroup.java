package io.smartedit.worker;

/** The share groups as a whole: whether they are as workers need them, and what waits in them. */
interface ShareGroup extends AutoCloseable {

  /**
   * Sees that each group is as workers need it; false where the broker does not answer now.
   *
   * @throws IllegalStateException if one is not and cannot be made so; says what is to be done
   */
  boolean prepare();

  /**
   * From which delivery on a record is sent again instead: half of those that the broker allows.
   */
  int resendAt();

  /** Requests that are not done, in all of their topics; not a number where it is not known. */
  double lag();

  @Override
  void close();
}
