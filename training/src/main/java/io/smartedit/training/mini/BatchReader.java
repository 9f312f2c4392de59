package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.llama.Llama;
import io.smartedit.nn.Linear;
import io.smartedit.nn.Ops;
import io.smartedit.nn.Tap;
import io.smartedit.text.LlamaTokenizer;
import io.smartedit.text.PromptTemplate;
import java.util.List;

/**
 * The LLM's reading of a batch of pictures and instructions, with gradients.
 *
 * <p>Rows are padded on the right, where a causal model does not look.
 */
record BatchReader(Linear projector, Llama llama, LlamaTokenizer tokenizer) {

  /**
   * States at the image tokens.
   *
   * @param features of the vision encoder, {@code [B, P, C]}
   * @return {@code [B, 32, C']}
   */
  NDArray read(NDArray features, List<String> instructions) {
    NDManager manager = features.getManager();
    int[][] ids =
        instructions.stream()
            .map(text -> tokenizer.encode(PromptTemplate.render(text)))
            .toArray(int[][]::new);
    int place = placeOfPicture(ids[0]);
    int patches = Math.toIntExact(features.getShape().get(1));
    int length = 0;
    for (int[] row : ids) {
      length = Math.max(length, row.length);
    }
    NDArray words = llama.embed(padded(manager, ids, length));
    NDArray embeddings =
        words
            .get(":, :" + place)
            .concat(projector.forward(features), 1)
            .concat(words.get(":, " + (place + 1) + ":"), 1);
    NDArray hidden = llama.forward(embeddings, Tap.NONE);
    return atImageTokens(hidden, ids, patches - 1);
  }

  private static NDArray padded(NDManager manager, int[][] ids, int length) {
    long[] all = new long[ids.length * length];
    for (int i = 0; i < ids.length; i++) {
      for (int j = 0; j < ids[i].length; j++) {
        all[i * length + j] = ids[i][j];
      }
    }
    return manager.create(all, new Shape(ids.length, length));
  }

  /** Rows end at different places: the states are picked out of the flattened batch. */
  private static NDArray atImageTokens(NDArray hidden, int[][] ids, int shift) {
    int tokens = LlamaTokenizer.IMAGE_TOKENS;
    long length = hidden.getShape().get(1);
    long width = hidden.getShape().get(2);
    long[] places = new long[ids.length * tokens];
    for (int i = 0; i < ids.length; i++) {
      long first = i * length + ids[i].length + shift - tokens;
      for (int j = 0; j < tokens; j++) {
        places[i * tokens + j] = first + j;
      }
    }
    NDArray index = hidden.getManager().create(places, new Shape(ids.length, tokens));
    return Ops.rows(index, hidden.reshape(-1, width));
  }

  private int placeOfPicture(int[] ids) {
    int placeholder = tokenizer.idOf("<img_0>");
    int place = 0;
    while (ids[place] != placeholder) {
      place++;
    }
    return place;
  }
}
