package io.smartedit.training.emoji;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.smartedit.editor.image.Image;
import io.smartedit.training.emoji.EmojiEdit.Backgrounds;
import io.smartedit.training.emoji.EmojiEdit.Change;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class EmojiEditsTest {

  @Property(tries = 300)
  void anEditIsTheSameWheneverItIsAskedFor(@ForAll long seed, @ForAll long index) {
    EmojiEdit first = new EmojiEdits(seed, Split.TRAIN).get(index);
    EmojiEdit second = new EmojiEdits(seed, Split.TRAIN).get(index);

    assertThat(second.instruction()).isEqualTo(first.instruction());
    assertThat(second.source().draw().rgb()).isEqualTo(first.source().draw().rgb());
    assertThat(second.target().draw().rgb()).isEqualTo(first.target().draw().rgb());
  }

  @Property(tries = 300)
  void onlyTheTargetsChange(
      @ForAll long index,
      @ForAll Backgrounds backgrounds,
      @ForAll @IntRange(min = 1, max = 3) int scale) {
    EmojiEdit edit = new EmojiEdits(3, Split.TRAIN, backgrounds).get(index);
    int side = Scene.SIDE * scale;
    Image source = edit.source().drawn(side);
    Image target = edit.target().drawn(side);

    assertThat(edit.targets()).isNotEmpty();
    assertThat(source.width()).isEqualTo(side);
    assertThat(target.rgb()).isNotEqualTo(source.rgb());
    for (int i = 0; i < source.rgb().length; i++) {
      int x = i / 3 % side / scale;
      int y = i / 3 / side / scale;
      if (source.rgb()[i] != target.rgb()[i] && !inTarget(edit, x, y)) {
        fail("pixel %d, %d of %s changes".formatted(x, y, edit));
      }
    }
  }

  @Property(tries = 100)
  void backgroundsChangeNothingElse(@ForAll long index) {
    EmojiEdit plain = new EmojiEdits(4, Split.TRAIN).get(index);
    EmojiEdit textured = new EmojiEdits(4, Split.TRAIN, Backgrounds.TEXTURED).get(index);

    assertThat(textured.instruction()).isEqualTo(plain.instruction());
    assertThat(textured.targets()).isEqualTo(plain.targets());
    assertThat(textured.source().things()).isEqualTo(plain.source().things());
    assertThat(textured.target().things()).isEqualTo(plain.target().things());
    assertThat(textured.source().owners(4)).isEqualTo(plain.source().owners(4));
    assertThat(textured.source().backdrop()).isSameAs(textured.target().backdrop());
  }

  @Property(tries = 50)
  void aSceneIsTheSameAtAnySize(@ForAll long index) {
    Scene scene = new EmojiEdits(8, Split.TRAIN).get(index).source();
    byte[] small = scene.drawn(Scene.SIDE).rgb();
    Image large = scene.drawn(2 * Scene.SIDE);
    int sum = 0;
    for (int i = 0; i < small.length; i++) {
      int x = i / 3 % Scene.SIDE * 2;
      int y = i / 3 / Scene.SIDE * 2;
      int c = i % 3;
      int four =
          large.sample(x, y, c)
              + large.sample(x + 1, y, c)
              + large.sample(x, y + 1, c)
              + large.sample(x + 1, y + 1, c);
      sum += Math.abs(four / 4 - (small[i] & 0xFF));
    }

    assertThat((double) sum / small.length).isLessThan(2);
  }

  @Test
  void everyTextureIsDrawnWithinItsTwoColoursAndDiffersFromTheOthers() {
    Set<Double> means = new HashSet<>();
    for (Texture.Material material : Texture.Material.values()) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < Scene.SIDE * Scene.SIDE; i++) {
        double share = new Texture(material, 9).at((float) i % Scene.SIDE, (float) i / Scene.SIDE);
        assertThat(share).isBetween(0.0, 1.0);
        sum += share;
        squares += share * share;
      }
      double mean = sum / (Scene.SIDE * Scene.SIDE);
      assertThat(squares / (Scene.SIDE * Scene.SIDE) - mean * mean)
          .as(material.name())
          .isGreaterThan(0.002);
      means.add(mean);
    }
    assertThat(means).hasSize(Texture.Material.values().length);
  }

  @Test
  void seedsHaveNothingInCommon() {
    Set<List<Thing>> first = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      first.add(new EmojiEdits(1, Split.TRAIN).get(i).source().things());
    }
    assertThat(first).hasSizeGreaterThan(1990);
    for (int i = 0; i < 2000; i++) {
      assertThat(first).doesNotContain(new EmojiEdits(2, Split.TRAIN).get(i).source().things());
    }
  }

  @Test
  void whatIsHeldOutIsNeverTrained() {
    Set<List<Object>> trained = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      trained.add(combination(new EmojiEdits(5, Split.TRAIN).get(i)));
    }
    for (int i = 0; i < 1000; i++) {
      EmojiEdit heldOut = new EmojiEdits(6, Split.HELD_OUT).get(i);
      if (heldOut.kind() != Kind.REASONING) { // held out by its phrasing, too
        assertThat(trained).doesNotContain(combination(heldOut));
      }
    }
  }

  @Test
  void everyClassAndChangeIsThereAndEveryWordIsKnown() {
    Set<Object> seen = new HashSet<>();
    Set<String> words = Phrases.words();
    for (int i = 0; i < 3000; i++) {
      EmojiEdit edit = new EmojiEdits(7, Split.TRAIN).get(i);
      seen.add(edit.kind());
      seen.add(edit.change());
      String plain = edit.instruction().toLowerCase(Locale.ROOT).replace(".", "");
      assertThat(words).containsAll(Arrays.asList(plain.split(" ", -1)));
    }
    assertThat(seen).hasSize(Kind.values().length + Change.values().length);
  }

  private static boolean inTarget(EmojiEdit edit, int x, int y) {
    return edit.targets().stream()
        .map(edit.source().things()::get)
        .anyMatch(
            thing ->
                x >= thing.x()
                    && x < thing.x() + thing.size()
                    && y >= thing.y()
                    && y < thing.y() + thing.size());
  }

  private static List<Object> combination(EmojiEdit edit) {
    Thing first = edit.source().things().get(edit.targets().get(0));
    return List.of(edit.kind(), first.sprite(), edit.change());
  }
}
