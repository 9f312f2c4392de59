package io.smartedit.sink;

import io.smartedit.events.Cost;

/** What the edits of these tests cost. */
public final class Costs {

  /** No time, alone in its batch, at the first attempt. */
  public static final Cost NOTHING =
      Cost.newBuilder()
          .setQueued(0)
          .setFetched(0)
          .setRead(0)
          .setDenoised(0)
          .setDeveloped(0)
          .setStored(0)
          .setBatch(1)
          .setAttempts(1)
          .build();

  private Costs() {}
}
