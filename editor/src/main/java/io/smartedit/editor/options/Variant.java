package io.smartedit.editor.options;

/** Which of the paper's models is run; all share one pipeline. */
public enum Variant {
  /** SmartEdit: the LLM reads, both branches interact. */
  SMARTEDIT,
  /** Ablation: the Q-Former's summary is the condition. */
  NO_INTERACTION,
  /** Ablation: the summary reads the image, the image is not told ("SimpleCA"). */
  ONE_WAY,
  /** The baseline: CLIP's text states are the condition, with its own UNet. */
  INSTRUCT_PIX2PIX
}
