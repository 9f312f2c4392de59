package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.text.LlamaTokenizer;

/**
 * The LLM's reading of a batch of images and texts, with gradients.
 *
 * <p>Rows are padded on the right, where a causal model does not look. In every row the placeholder
 * stands once, and the image's patches take its place.
 *
 * @param placeholder the token the image replaces where it stands first
 */
public record BatchEncoder(Linear projector, Llama llama, int placeholder) {

  /**
   * States of every token.
   *
   * @param features of the vision encoder, {@code [B, P, C]}
   * @param ids a row an image, the placeholder at the same place in all
   * @return {@code [B, T + P - 1, C']}, T the longest row's length
   */
  public NDArray hidden(NDArray features, int[][] ids) {
    int place = 0;
    while (ids[0][place] != placeholder) {
      place++;
    }
    NDArray words = llama.embed(padded(features.getManager(), ids));
    NDArray embeddings =
        words
            .get(":, :" + place)
            .concat(projector.forward(features), 1)
            .concat(words.get(":, " + (place + 1) + ":"), 1);
    return llama.forward(embeddings, Tap.NONE);
  }

  /** States of every token of texts without an image, {@code [B, T, C]}. */
  public static NDArray hidden(NDManager manager, Llama llama, int[][] ids) {
    return llama.forward(llama.embed(padded(manager, ids)), Tap.NONE);
  }

  private static NDArray padded(NDManager manager, int[][] ids) {
    int length = longest(ids);
    long[] all = new long[ids.length * length];
    for (int i = 0; i < ids.length; i++) {
      for (int j = 0; j < ids[i].length; j++) {
        all[i * length + j] = ids[i][j];
      }
    }
    return manager.create(all, new Shape(ids.length, length));
  }

  private static int longest(int[][] ids) {
    int length = 0;
    for (int[] row : ids) {
      length = Math.max(length, row.length);
    }
    return length;
  }

  /**
   * The states at the image tokens of each row, {@code [B, 32, C]}.
   *
   * @param hidden of {@link #hidden}
   * @param after tokens that follow the image tokens
   */
  public static NDArray imageStates(NDArray hidden, int[][] ids, int after) {
    int tokens = LlamaTokenizer.IMAGE_TOKENS;
    long length = hidden.getShape().get(1);
    long patches = length - longest(ids);
    long[] places = new long[ids.length * tokens];
    for (int i = 0; i < ids.length; i++) {
      long first = i * length + ids[i].length + patches - after - tokens;
      for (int j = 0; j < tokens; j++) {
        places[i * tokens + j] = first + j;
      }
    }
    NDArray index = hidden.getManager().create(places, new Shape(ids.length, tokens));
    return Ops.rows(index, hidden.reshape(-1, hidden.getShape().get(2)));
  }
}
