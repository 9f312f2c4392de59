package io.smartedit.training.emoji;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.image.Image;
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
  void onlyTheTargetsChange(@ForAll long index) {
    EmojiEdit edit = new EmojiEdits(3, Split.TRAIN).get(index);
    Image source = edit.source().draw();
    Image target = edit.target().draw();

    assertThat(edit.targets()).isNotEmpty();
    assertThat(target.rgb()).isNotEqualTo(source.rgb());
    for (int y = 0; y < Scene.SIDE; y++) {
      for (int x = 0; x < Scene.SIDE; x++) {
        if (!inTarget(edit, x, y)) {
          for (int c = 0; c < 3; c++) {
            assertThat(target.sample(x, y, c)).isEqualTo(source.sample(x, y, c));
          }
        }
      }
    }
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
