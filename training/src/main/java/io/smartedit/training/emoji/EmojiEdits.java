package io.smartedit.training.emoji;

import io.smartedit.training.emoji.EmojiEdit.Backgrounds;
import io.smartedit.training.emoji.EmojiEdit.Change;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The endless list of edits of a seed: edit {@code i} is the same whenever and wherever it is asked
 * for. Thread-safe.
 */
public final class EmojiEdits {

  private static final int HELD_OUT_ONE_IN = 8;
  private static final int SMALLEST = 15;
  private static final int LARGEST = 26;
  private static final int TRIES = 200;

  private final long seed;
  private final Split split;
  private final Backgrounds backgrounds;

  /** Before plain backgrounds. */
  public EmojiEdits(long seed, Split split) {
    this(seed, split, Backgrounds.PLAIN);
  }

  /** Edits of one seed differ between backgrounds in nothing else. */
  public EmojiEdits(long seed, Split split, Backgrounds backgrounds) {
    this.seed = seed;
    this.split = split;
    this.backgrounds = backgrounds;
  }

  /** Edit {@code index} of any class. */
  public EmojiEdit get(long index) {
    Kind[] kinds = Kind.values();
    SplittableRandom random = random(index);
    Kind kind =
        split == Split.HELD_OUT_PHRASING ? Kind.REASONING : kinds[random.nextInt(kinds.length)];
    return dressed(wanted(kind, random), index);
  }

  /** Edit {@code index} of one class. */
  public EmojiEdit get(Kind kind, long index) {
    return dressed(wanted(kind, random(index)), index);
  }

  /** Before the backgrounds wanted, which draw from a stream of their own. */
  private EmojiEdit dressed(EmojiEdit edit, long index) {
    if (backgrounds == Backgrounds.PLAIN) {
      return edit;
    }
    Backdrop backdrop =
        edit.source().backdrop().perhapsTextured(new SplittableRandom(mixed(mixed(~seed) + index)));
    return new EmojiEdit(
        edit.kind(),
        edit.change(),
        new Scene(backdrop, edit.source().things()),
        new Scene(backdrop, edit.target().things()),
        edit.targets(),
        edit.insteadOf(),
        edit.instruction(),
        edit.seen());
  }

  private SplittableRandom random(long index) {
    return new SplittableRandom(mixed(mixed(seed) + index));
  }

  /** Far apart for neighbours: SplittableRandom's own streams of near seeds overlap. */
  private static long mixed(long value) {
    long a = (value + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 30)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }

  private EmojiEdit wanted(Kind kind, SplittableRandom random) {
    for (int i = 0; i < TRIES; i++) {
      EmojiEdit edit = new Draft(kind, random, split == Split.HELD_OUT_PHRASING).edit();
      if (edit != null && edit.seen() == (split == Split.TRAIN)) {
        return edit;
      }
    }
    throw new IllegalStateException("no " + kind + " edit in " + TRIES + " tries");
  }

  /** Whether a combination is kept from training; the same on every machine. */
  private static boolean heldOut(Object... combination) {
    return Math.floorMod(List.of(combination).toString().hashCode() * 0x9E3779B9, 1 << 16)
        < (1 << 16) / HELD_OUT_ONE_IN;
  }

  /** One attempt at an edit; null where the things found no room. */
  private static final class Draft {
    private final Kind kind;
    private final SplittableRandom random;
    private final boolean newPhrasing;
    private final List<Thing> things = new ArrayList<>();
    private final List<Integer> targets = new ArrayList<>();
    private int mirror = -1;
    private boolean phrasingSeen = true;

    private Draft(Kind kind, SplittableRandom random, boolean newPhrasing) {
      this.kind = kind;
      this.random = random;
      this.newPhrasing = newPhrasing;
    }

    private @Nullable EmojiEdit edit() {
      boolean colourable = kind == Kind.COLOUR || random.nextInt(3) == 0;
      Sprite sprite = colourable ? pick(Sprite.colourable()) : pick(List.of(Sprite.values()));
      Change change = change(sprite);
      String what = place(sprite);
      if (what == null || !addOthers()) {
        return null;
      }
      Thing first = things.get(targets.get(0));
      Thing instead = instead(change, first);
      Scene source = new Scene(Backdrop.random(random, mirror), things);
      Scene target =
          source.with(
              targets::contains,
              thing ->
                  change == Change.RECOLOUR
                      ? thing.as(thing.sprite(), instead.hue())
                      : thing.as(instead.sprite(), instead.hue()),
              change != Change.REMOVE);
      String into =
          change == Change.RECOLOUR ? instead.hue().toString() : Phrases.one(instead.sprite());
      boolean combinationSeen = newPhrasing || !heldOut(kind, sprite, change);
      return new EmojiEdit(
          kind,
          change,
          source,
          target,
          List.copyOf(targets),
          change == Change.REMOVE ? Optional.empty() : Optional.of(instead),
          Phrases.instruction(random, change, what, into),
          combinationSeen && phrasingSeen);
    }

    private Change change(Sprite sprite) {
      boolean recolour = Sprite.colourable().contains(sprite) && kind != Kind.SEVERAL;
      return recolour && random.nextInt(2) == 0
          ? Change.RECOLOUR
          : random.nextBoolean() ? Change.REMOVE : Change.REPLACE;
    }

    private Thing instead(Change change, Thing first) {
      if (change == Change.RECOLOUR) {
        Hue hue;
        do {
          hue = anyHue();
        } while (hue == first.hue());
        return first.as(first.sprite(), hue);
      }
      Sprite sprite;
      do {
        sprite = pick(List.of(Sprite.values()));
      } while (isThere(sprite));
      return first.as(sprite, Hue.NATURAL);
    }

    /** Puts what the edit is about into the scene and says how it is called. */
    private @Nullable String place(Sprite sprite) {
      return switch (kind) {
        case NAME -> add(sprite, hueOf(sprite), size()) ? "the " + sprite : null;
        case REASONING -> add(sprite, hueOf(sprite), size()) ? clue(sprite) : null;
        case LEFT_RIGHT -> placeLeftRight(sprite);
        case SIZE -> placeSizes(sprite);
        case COLOUR -> placeColours(sprite);
        case MIRROR -> placeMirror(sprite);
        case SEVERAL -> placeSeveral(sprite);
      };
    }

    private String clue(Sprite sprite) {
      int fact = random.nextInt(sprite.facts().size());
      int form = random.nextInt(Phrases.clues());
      phrasingSeen = !heldOut("phrasing", sprite, fact, form);
      targets.add(0);
      return Phrases.clue(form, sprite, sprite.facts().get(fact));
    }

    private @Nullable String placeLeftRight(Sprite sprite) {
      Hue hue = hueOf(sprite);
      int size = size();
      boolean left = random.nextBoolean();
      int one = 1 + random.nextInt(Scene.SIDE / 2 - size);
      int other = Scene.SIDE / 2 + random.nextInt(Scene.SIDE / 2 - size);
      boolean placed =
          addAt(new Thing(sprite, hue, left ? one : other, anywhere(size), size, false))
              && addAt(new Thing(sprite, hue, left ? other : one, anywhere(size), size, false));
      targets.add(0);
      return !placed ? null : left ? Phrases.left(random, sprite) : Phrases.right(random, sprite);
    }

    private @Nullable String placeSizes(Sprite sprite) {
      Hue hue = hueOf(sprite);
      int small = SMALLEST - 2 + random.nextInt(3);
      int large = LARGEST - 2 + random.nextInt(5);
      boolean smaller = random.nextBoolean();
      boolean placed =
          add(sprite, hue, smaller ? small : large) && add(sprite, hue, smaller ? large : small);
      targets.add(0);
      return !placed
          ? null
          : smaller ? Phrases.small(random, sprite) : Phrases.large(random, sprite);
    }

    private @Nullable String placeColours(Sprite sprite) {
      Hue hue = anyHue();
      Hue other;
      do {
        other = anyHue();
      } while (other == hue);
      boolean placed = add(sprite, hue, size()) && add(sprite, other, size());
      targets.add(0);
      return placed ? "the " + hue + " " + sprite : null;
    }

    private @Nullable String placeMirror(Sprite sprite) {
      boolean onRight = random.nextBoolean();
      int mirrorAt = onRight ? Scene.SIDE - Backdrop.MIRROR_WIDTH - 1 : 1;
      Hue hue = hueOf(sprite);
      int size = SMALLEST + 1 + random.nextInt(8);
      int y = 8 + random.nextInt(Scene.SIDE - 16 - size);
      int glassX = mirrorAt + (Backdrop.MIRROR_WIDTH - size) / 2;
      int outside = Scene.SIDE - Backdrop.MIRROR_WIDTH - 1 - size;
      int realX = (onRight ? 0 : Backdrop.MIRROR_WIDTH + 1) + random.nextInt(outside + 1);
      boolean reflection = random.nextBoolean();
      Thing seen = new Thing(sprite, hue, glassX, y, size, true);
      Thing real = new Thing(sprite, hue, realX, y, size, false);
      mirror = mirrorAt;
      targets.add(0);
      boolean placed = addAt(reflection ? seen : real) && addAt(reflection ? real : seen);
      return !placed
          ? null
          : reflection ? Phrases.mirrored(random, sprite) : Phrases.real(random, sprite);
    }

    private @Nullable String placeSeveral(Sprite sprite) {
      Sprite other;
      do {
        other = pick(List.of(Sprite.values()));
      } while (other == sprite);
      targets.add(0);
      targets.add(1);
      return add(sprite, hueOf(sprite), size()) && add(other, hueOf(other), size())
          ? (random.nextBoolean() ? "the " : "both the ") + sprite + " and the " + other
          : null;
    }

    /** Bystanders, of sprites not yet there, up to four things in all. */
    private boolean addOthers() {
      if (targets.isEmpty()) {
        targets.add(0);
      }
      int count = things.size() == 1 ? 1 + random.nextInt(2) : random.nextInt(2);
      for (int i = 0; i < count && mirror < 0; i++) {
        Sprite sprite;
        do {
          sprite = pick(List.of(Sprite.values()));
        } while (isThere(sprite));
        if (!add(sprite, hueOf(sprite), size()) && things.size() < 2) {
          return false;
        }
      }
      return true;
    }

    private boolean add(Sprite sprite, Hue hue, int size) {
      for (int i = 0; i < 30; i++) {
        if (addAt(new Thing(sprite, hue, anywhere(size), anywhere(size), size, false))) {
          return true;
        }
      }
      return false;
    }

    private boolean addAt(Thing thing) {
      return things.stream().noneMatch(thing::touches) && things.add(thing);
    }

    private boolean isThere(Sprite sprite) {
      return things.stream().anyMatch(thing -> thing.sprite() == sprite);
    }

    private Hue hueOf(Sprite sprite) {
      return Sprite.colourable().contains(sprite) && random.nextBoolean() ? anyHue() : Hue.NATURAL;
    }

    private Hue anyHue() {
      return pick(Hue.COLOURS);
    }

    private int size() {
      return SMALLEST + 1 + random.nextInt(LARGEST - SMALLEST);
    }

    private int anywhere(int size) {
      return random.nextInt(Scene.SIDE - size + 1);
    }

    private <T> T pick(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }
  }
}
