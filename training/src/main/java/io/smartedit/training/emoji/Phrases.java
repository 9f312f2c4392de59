package io.smartedit.training.emoji;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** The words of instructions: many ways to say the same. */
public final class Phrases {

  private static final List<String> REMOVE =
      List.of(
          "remove %s",
          "delete %s",
          "erase %s",
          "take away %s",
          "get rid of %s",
          "please remove %s",
          "take %s out of the picture",
          "make %s disappear");
  private static final List<String> REPLACE =
      List.of(
          "replace %s with %s",
          "turn %s into %s",
          "change %s into %s",
          "swap %s for %s",
          "please replace %s with %s",
          "change %s to %s",
          "put in place of %s %s",
          "transform %s into %s");
  private static final List<String> RECOLOUR =
      List.of(
          "make %s %s",
          "paint %s %s",
          "change the colour of %s to %s",
          "colour %s %s",
          "please make %s %s",
          "give %s the colour %s");
  private static final List<String> LEFT =
      List.of("the left %s", "the %s on the left", "the leftmost %s", "the %s at the left side");
  private static final List<String> RIGHT =
      List.of(
          "the right %s", "the %s on the right", "the rightmost %s", "the %s at the right side");
  private static final List<String> SMALL =
      List.of("the smaller %s", "the small %s", "the little %s", "the tiny %s");
  private static final List<String> LARGE =
      List.of("the larger %s", "the large %s", "the bigger %s", "the big %s");
  private static final List<String> MIRRORED =
      List.of("the %s in the mirror", "the reflected %s", "the reflection of the %s");
  private static final List<String> REAL =
      List.of("the %s outside the mirror", "the %s in front of the mirror", "the real %s");

  /** Forms of a clue: the family or a stand-in, then the fact. */
  private static final List<String> CLUES =
      List.of(
          "the %s that %s",
          "the %s which %s",
          "the one that %2$s",
          "the object that %2$s",
          "the %s in the picture that %s");

  private Phrases() {}

  /** Every word any instruction can hold, sorted; the vocabulary of a tokenizer. */
  public static Set<String> words() {
    Set<String> words = new TreeSet<>();
    List<List<String>> all =
        List.of(
            REMOVE,
            REPLACE,
            RECOLOUR,
            LEFT,
            RIGHT,
            SMALL,
            LARGE,
            MIRRORED,
            REAL,
            CLUES,
            List.of("the a an and both"));
    all.forEach(phrases -> phrases.forEach(phrase -> add(words, phrase)));
    for (Sprite sprite : Sprite.values()) {
      add(words, sprite.toString());
      add(words, sprite.family().toString());
      sprite.facts().forEach(fact -> add(words, fact));
    }
    for (Hue hue : Hue.values()) {
      add(words, hue.toString());
    }
    return new LinkedHashSet<>(words);
  }

  static String left(SplittableRandom random, Sprite sprite) {
    return pick(random, LEFT).formatted(sprite);
  }

  static String right(SplittableRandom random, Sprite sprite) {
    return pick(random, RIGHT).formatted(sprite);
  }

  static String small(SplittableRandom random, Sprite sprite) {
    return pick(random, SMALL).formatted(sprite);
  }

  static String large(SplittableRandom random, Sprite sprite) {
    return pick(random, LARGE).formatted(sprite);
  }

  static String mirrored(SplittableRandom random, Sprite sprite) {
    return pick(random, MIRRORED).formatted(sprite);
  }

  static String real(SplittableRandom random, Sprite sprite) {
    return pick(random, REAL).formatted(sprite);
  }

  static int clues() {
    return CLUES.size();
  }

  static String clue(int form, Sprite sprite, String fact) {
    return CLUES.get(form).formatted(sprite.family(), fact);
  }

  /** The whole instruction; sometimes with a capital or a full stop, as people write. */
  static String instruction(
      SplittableRandom random, EmojiEdit.Change change, String what, String into) {
    String plain =
        switch (change) {
          case REMOVE -> pick(random, REMOVE).formatted(what);
          case REPLACE -> pick(random, REPLACE).formatted(what, into);
          case RECOLOUR -> pick(random, RECOLOUR).formatted(what, into);
        };
    String begun =
        random.nextInt(4) == 0
            ? Character.toUpperCase(plain.charAt(0)) + plain.substring(1)
            : plain;
    return random.nextInt(4) == 0 ? begun + "." : begun;
  }

  /** With its article. */
  static String one(Sprite sprite) {
    String name = sprite.toString();
    return ("aeiou".indexOf(name.charAt(0)) >= 0 ? "an " : "a ") + name;
  }

  private static String pick(SplittableRandom random, List<String> phrases) {
    return phrases.get(random.nextInt(phrases.size()));
  }

  private static void add(Set<String> words, String phrase) {
    List<String> parts = new ArrayList<>(Arrays.asList(phrase.split(" ", -1)));
    parts.removeIf(part -> part.contains("%"));
    words.addAll(parts);
  }
}
