package io.smartedit.editor.qformer;

/**
 * Sizes of a Q-Former.
 *
 * @param queries learned queries
 * @param width channels of the queries
 * @param encoderWidth channels of the states it reads
 * @param crossEvery a layer reads the states when its index is a multiple of this
 */
public record QFormerConfig(
    int queries, int width, int encoderWidth, int mlp, int layers, int heads, int crossEvery) {

  /** SmartEdit-7B. */
  public static final QFormerConfig SMARTEDIT_7B = new QFormerConfig(77, 768, 4096, 3072, 6, 12, 2);

  /** Of every layer norm (BERT). */
  static final double EPSILON = 1e-12;
}
