package io.smartedit.editor.llama;

/**
 * Sizes of a LLaMA.
 *
 * @param vocabulary rows of the embedding, added tokens included
 * @param width channels of the hidden states
 * @param mlp channels inside the gated feed-forward
 * @param epsilon of every RMS norm
 * @param ropeBase base of the rotary frequencies
 */
public record LlamaConfig(
    int vocabulary, int width, int mlp, int layers, int heads, double epsilon, double ropeBase) {

  /** SmartEdit-7B: Vicuna 7B 1.1 with 35 added tokens. */
  public static final LlamaConfig SMARTEDIT_7B =
      new LlamaConfig(32035, 4096, 11008, 32, 32, 1e-6, 10000);

  /** Channels of one head. */
  public int headWidth() {
    return width / heads;
  }
}
