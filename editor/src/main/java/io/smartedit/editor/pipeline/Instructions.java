package io.smartedit.editor.pipeline;

import io.smartedit.editor.options.BadRequestException;

/** What every instruction must be, whoever reads it. */
final class Instructions {

  /** Longer than any prompt that fits a model, short enough to tokenize at once. */
  static final int MAX_CHARACTERS = 4000;

  private Instructions() {}

  static void check(String instruction) {
    if (instruction.isBlank()) {
      throw new BadRequestException("instruction is empty");
    }
    if (instruction.length() > MAX_CHARACTERS) {
      throw new BadRequestException(
          "instruction has " + instruction.length() + " characters, more than " + MAX_CHARACTERS);
    }
    instruction
        .chars()
        .filter(c -> Character.isISOControl(c) && !Character.isWhitespace(c))
        .findFirst()
        .ifPresent(
            c -> {
              throw new BadRequestException(
                  "instruction holds the control character U+%04X".formatted(c));
            });
  }
}
