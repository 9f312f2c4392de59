package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Linear;
import io.smartedit.training.Criteria;
import io.smartedit.training.Losses;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.Hue;
import io.smartedit.training.emoji.Scene;
import io.smartedit.training.emoji.Sprite;
import io.smartedit.training.emoji.Thing;
import java.util.List;

/** What must be understood of a batch of edits: which objects, where, and what becomes of them. */
@SuppressWarnings("EnumOrdinal") // class indices of heads that are thrown away
final class SceneLabels {

  private static final int NO_SPRITE = Sprite.values().length;
  private static final int CHANGES = EmojiEdit.Change.values().length;

  private final List<EmojiEdit> edits;
  private final long[] target;
  private final long[] second;
  private final long[] instead;
  private final long[] hue;
  private final long[] change;
  private final float[] centre;

  SceneLabels(List<EmojiEdit> edits) {
    this.edits = edits;
    int count = edits.size();
    target = new long[count];
    second = new long[count];
    instead = new long[count];
    hue = new long[count];
    change = new long[count];
    centre = new float[2 * count];
    for (int i = 0; i < count; i++) {
      EmojiEdit edit = edits.get(i);
      Thing thing = edit.source().things().get(edit.targets().get(0));
      Thing then = edit.insteadOf().orElse(null);
      target[i] = thing.sprite().ordinal();
      second[i] =
          edit.targets().size() == 1
              ? NO_SPRITE
              : edit.source().things().get(edit.targets().get(1)).sprite().ordinal();
      instead[i] = then == null ? NO_SPRITE : then.sprite().ordinal();
      hue[i] = then == null ? Criteria.IGNORED : then.hue().ordinal();
      change[i] = edit.change().ordinal();
      centre[2 * i] = (thing.x() + thing.size() / 2f) / Scene.SIDE;
      centre[2 * i + 1] = (thing.y() + thing.size() / 2f) / Scene.SIDE;
    }
  }

  /** Which cells of a grid belong to the objects to be changed, {@code B * side * side}. */
  float[] mask(int side) {
    float[] mask = new float[edits.size() * side * side];
    int at = 0;
    for (EmojiEdit edit : edits) {
      for (int owner : edit.source().owners(Scene.SIDE / side)) {
        mask[at++] = edit.targets().contains(owner) ? 1 : 0;
      }
    }
    return mask;
  }

  /** AuxiliaryHeads on one vector a sample. */
  record Vector(
      Linear target, Linear second, Linear instead, Linear hue, Linear change, Linear centre) {

    static Vector of(AuxiliaryHeads heads, String name, int width) {
      return new Vector(
          heads.linear(name + ".target", width, Sprite.values().length),
          heads.linear(name + ".second", width, NO_SPRITE + 1),
          heads.linear(name + ".instead", width, NO_SPRITE + 1),
          heads.linear(name + ".hue", width, Hue.values().length),
          heads.linear(name + ".change", width, CHANGES),
          heads.linear(name + ".centre", width, 2));
    }
  }

  /** Adds what the vectors {@code [B, C]} do not say yet. */
  void add(Losses parts, String name, double weight, NDArray vectors, Vector heads) {
    NDManager manager = vectors.getManager();
    NDArray targets = heads.target.forward(vectors);
    NDArray seconds = heads.second.forward(vectors);
    NDArray insteads = heads.instead.forward(vectors);
    NDArray centres = heads.centre.forward(vectors);
    NDArray wanted = manager.create(centre, new Shape(edits.size(), 2));
    parts.add(name + ".target", weight, Criteria.crossEntropy(targets, target));
    parts.add(name + ".second", weight, Criteria.crossEntropy(seconds, second));
    parts.add(name + ".instead", weight, Criteria.crossEntropy(insteads, instead));
    parts.add(name + ".hue", weight, Criteria.crossEntropy(heads.hue.forward(vectors), hue));
    parts.add(
        name + ".change", weight, Criteria.crossEntropy(heads.change.forward(vectors), change));
    parts.add(name + ".centre", 10 * weight, Criteria.squared(centres, wanted));
    parts.note(name + ".right", Criteria.accuracy(targets, target));
  }
}
