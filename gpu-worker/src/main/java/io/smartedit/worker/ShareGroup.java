package io.smartedit.worker;

import java.util.Set;

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

  /**
   * Topics of several partitions, each of which a broker gives to some members only. As it was when
   * this was last asked for: it is asked for anew, and answered meanwhile.
   */
  Set<String> dealtOut();

  /** Requests that are not done, in all of their topics; not a number where it is not known. */
  double lag();

  @Override
  void close();
}
