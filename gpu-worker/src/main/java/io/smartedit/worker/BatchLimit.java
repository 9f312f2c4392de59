package io.smartedit.worker;

/** How many edits of a kind share a denoising call at most. Thread-safe. */
interface BatchLimit {

  /** At present, 1 or more. */
  int of(String kind);

  /** A call of so many edits did not fit into the device's memory. */
  void outOfMemory(int edits);

  /** A number that somebody chose; less where memory says so. */
  static BatchLimit fixed(int most) {
    return new BatchLimit() {
      private volatile int limit = most;

      @Override
      public int of(String kind) {
        return limit;
      }

      @Override
      public synchronized void outOfMemory(int edits) {
        limit = Math.max(1, Math.min(limit, edits / 2));
      }
    };
  }
}
