package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.training.Criteria;
import io.smartedit.training.Images;
import io.smartedit.training.Losses;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.Stage;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import io.smartedit.training.emoji.Hue;
import io.smartedit.training.emoji.Scene;
import io.smartedit.training.emoji.Sprite;
import io.smartedit.training.emoji.Thing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The vision encoder: what covers each patch, in which colour, how large, where its middle lies,
 * and whether it is seen in a mirror. Afterwards the encoder is frozen, as the paper freezes CLIP.
 */
final class VisionStage implements Stage {

  private final EmojiEdits edits = new EmojiEdits(12, Split.TRAIN);
  private final Setup setup;
  private final VisionEncoder vision;
  private final Linear sprite;
  private final Linear hue;
  private final Linear mirrored;
  private final Linear place;

  VisionStage(Path root, Plan plan) {
    setup = new Setup("2-vision", plan, (file, name) -> true);
    vision =
        new NetLoader(ModelFolder.open(root), setup.parameters())
            .vision(setup.weights(), Precision.FP32);
    int width = Math.toIntExact(vision.classEmbedding().getShape().get(0));
    AuxiliaryHeads heads = new AuxiliaryHeads(setup.parameters(), setup.weights());
    sprite = heads.linear("sprite", width, Sprite.values().length + 1);
    hue = heads.linear("hue", width, Hue.values().length);
    mirrored = heads.linear("mirrored", width, 2);
    place = heads.linear("place", width, 3);
  }

  @Override
  public Setup setup() {
    return setup;
  }

  @Override
  public NDArray loss(NDManager manager, long step, Losses parts) {
    List<Image> images = new ArrayList<>();
    Labels labels = new Labels(plan().batch(), vision.side() * vision.side());
    for (int i = 0; i < plan().batch(); i++) {
      Scene scene = edits.get(step * plan().batch() + i).source();
      images.add(scene.draw());
      labels.add(scene, Scene.SIDE / vision.side());
    }
    NDArray features = vision.forward(Images.forClip(manager, images, vision.imageSize()));
    NDArray cells = features.reshape(-1, features.getShape().get(2));
    NDArray sprites = sprite.forward(cells);
    parts.add("sprite", 1, Criteria.crossEntropy(sprites, labels.sprites));
    parts.add("hue", 0.3, Criteria.crossEntropy(hue.forward(cells), labels.hues));
    parts.add("mirrored", 0.3, Criteria.crossEntropy(mirrored.forward(cells), labels.mirrored));
    NDArray wanted = manager.create(labels.places).reshape(-1, 3);
    NDArray counts = manager.create(labels.weights).reshape(-1, 1);
    parts.add("place", 2, place.forward(cells).sub(wanted).mul(counts).square().mean());
    if (step % 20 == 0) {
      parts.note("right", Criteria.accuracy(sprites, labels.objects()));
    }
    return parts.sum(manager);
  }

  /** Nothing can be seen of features; the images they are learned from are drawn. */
  @Override
  public void drawSamples(Path png) throws IOException {
    SampleSheet sheet = new SampleSheet();
    for (int i = 0; i < 12; i++) {
      sheet.add("a scene", edits.get(-1 - i).source().draw());
    }
    sheet.write(png);
  }

  @Override
  public void close() {
    setup.close();
  }

  /** What is to be said of each patch of a batch. */
  @SuppressWarnings("EnumOrdinal") // class indices of heads that are thrown away
  private static final class Labels {
    private final long[] sprites;
    private final long[] hues;
    private final long[] mirrored;
    private final float[] places;
    private final float[] weights;
    private int at;

    private Labels(int batch, int cells) {
      sprites = new long[batch * cells];
      hues = new long[batch * cells];
      mirrored = new long[batch * cells];
      places = new float[batch * cells * 3];
      weights = new float[batch * cells];
    }

    private void add(Scene scene, int cell) {
      int[] owners = scene.owners(cell);
      int side = Scene.SIDE / cell;
      for (int i = 0; i < owners.length; i++, at++) {
        if (owners[i] == Scene.NOBODY) {
          sprites[at] = Sprite.values().length;
          hues[at] = Criteria.IGNORED;
          mirrored[at] = Criteria.IGNORED;
          continue;
        }
        Thing thing = scene.things().get(owners[i]);
        sprites[at] = thing.sprite().ordinal();
        hues[at] = thing.hue().ordinal();
        mirrored[at] = thing.mirrored() ? 1 : 0;
        float half = thing.size() / 2f;
        int row = i / side;
        places[3 * at] = (thing.x() + half) / Scene.SIDE - (i % side + 0.5f) / side;
        places[3 * at + 1] = (thing.y() + half) / Scene.SIDE - (row + 0.5f) / side;
        places[3 * at + 2] = (float) thing.size() / Scene.SIDE;
        weights[at] = 1;
      }
    }

    private long[] objects() {
      long[] objects = sprites.clone();
      for (int i = 0; i < objects.length; i++) {
        objects[i] = objects[i] == Sprite.values().length ? Criteria.IGNORED : objects[i];
      }
      return objects;
    }
  }
}
