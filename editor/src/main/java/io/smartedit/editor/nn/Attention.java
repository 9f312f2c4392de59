package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/**
 * Multi-head attention (Vaswani et al., 2017) with its four projections.
 *
 * <p>The inner width, the projections' output, may differ from the width outside; it is split
 * evenly over the heads.
 */
public record Attention(Linear query, Linear key, Linear value, Linear out, int heads) {

  /**
   * Every query sees every key.
   *
   * @param queries {@code [B, T, C]}
   * @param keys {@code [B, S, C']}
   * @param values {@code [B, S, C'']}
   * @return {@code [B, T, C]}
   */
  public NDArray forward(NDArray queries, NDArray keys, NDArray values) {
    return read(queries, key.forward(keys), value.forward(values));
  }

  /** As {@link #forward}, over keys and values that are projected already. */
  public NDArray read(NDArray queries, NDArray keys, NDArray values) {
    return out.forward(Ops.attention(query.forward(queries), keys, values, heads));
  }

  /** Self-attention in which a token sees itself and those before it. */
  public NDArray forwardCausal(NDArray x) {
    return out.forward(
        Ops.causalAttention(query.forward(x), key.forward(x), value.forward(x), heads));
  }
}
