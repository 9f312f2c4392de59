package io.smartedit.training.paper;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.smartedit.editor.text.LlamaTokenizer;

/**
 * The rows of a table that belong to tokens which are not SmartEdit's own; they stay what they
 * were.
 */
final class FrozenTokenRows {

  private static final int ADDED_TOKENS = 3 + LlamaTokenizer.IMAGE_TOKENS;

  private final NDArray table;
  private final NDIndex index;
  private final NDArray rows;

  /**
   * @param table a row a token, the added ones last
   * @param manager owns the copy of the rows
   */
  FrozenTokenRows(NDArray table, NDManager manager) {
    this.table = table;
    index = new NDIndex(":" + (table.getShape().get(0) - ADDED_TOKENS));
    rows = table.stopGradient().get(index).duplicate();
    rows.attach(manager);
  }

  void restore() {
    table.set(index, rows);
  }
}
