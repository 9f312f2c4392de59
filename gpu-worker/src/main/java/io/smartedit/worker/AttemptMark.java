package io.smartedit.worker;

/** What is noted of a request while it is in the device, for whoever takes it after a crash. */
enum AttemptMark {
  /** It is not in the device. */
  NONE(""),
  /** It shares the device with others. */
  SHARED("s"),
  /** Nothing else is in work. */
  ALONE("a");

  private final String letter;

  AttemptMark(String letter) {
    this.letter = letter;
  }

  String letter() {
    return letter;
  }
}
