package io.smartedit.training.paper;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Ops;
import io.smartedit.training.Criteria;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation as tokens.
 *
 * @param ids of the whole conversation, an image's placeholder among them
 * @param labels a token a place: what is to be said there, or -100 where nothing is learned
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TokenizedConversation(int[] ids, long[] labels) {

  /**
   * Cross-entropy of the tokens to be said, each given those before it.
   *
   * @param hidden states of all tokens and patches, {@code [B, T, C]}; patches come before all that
   *     is learned
   * @param head {@code [vocabulary, C]}
   */
  static NDArray loss(NDArray hidden, NDArray head, List<TokenizedConversation> batch) {
    long length = hidden.getShape().get(1);
    int longest = batch.stream().mapToInt(spoken -> spoken.ids.length).max().orElse(0);
    long patches = length - longest;
    List<Long> places = new ArrayList<>();
    List<Long> wanted = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      long[] own = batch.get(i).labels;
      for (int j = 0; j < own.length; j++) {
        if (own[j] != Criteria.IGNORED) {
          places.add(i * length + patches + j - 1);
          wanted.add(own[j]);
        }
      }
    }
    NDArray index =
        hidden
            .getManager()
            .create(
                places.stream().mapToLong(Long::longValue).toArray(), new Shape(1, places.size()));
    NDArray states = Ops.rows(index, hidden.reshape(-1, hidden.getShape().get(2))).squeeze(0);
    NDArray logits = Ops.linear(states, head, null);
    return Criteria.crossEntropy(logits, wanted.stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  public String toString() {
    return ids.length + " tokens";
  }
}
