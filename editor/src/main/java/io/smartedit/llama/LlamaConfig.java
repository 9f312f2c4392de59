package io.smartedit.llama;

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

  /** Channels of one head. */
  public int headWidth() {
    return width / heads;
  }
}
