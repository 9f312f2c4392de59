package io.smartedit.training.emoji;

import java.util.List;
import java.util.Locale;

/** What can stand in a scene, with what is said of it; drawn by Fluent Emoji (MIT licence). */
public enum Sprite {
  DOG(Family.ANIMAL, "barks", "chases cats"),
  CAT(Family.ANIMAL, "meows", "catches mice"),
  RABBIT(Family.ANIMAL, "hops", "has long ears"),
  LION(Family.ANIMAL, "roars", "is the king of animals"),
  COW(Family.ANIMAL, "gives milk", "moos"),
  PIG(Family.ANIMAL, "oinks", "likes mud"),
  FROG(Family.ANIMAL, "croaks", "jumps into ponds"),
  PENGUIN(Family.ANIMAL, "lives on ice", "wears a black suit"),
  ELEPHANT(Family.ANIMAL, "has a trunk", "is the heaviest"),
  FISH(Family.ANIMAL, "swims", "lives in water"),
  BEE(Family.ANIMAL, "makes honey", "buzzes"),
  OWL(Family.ANIMAL, "hunts at night", "sees in the dark"),
  CHICKEN(Family.ANIMAL, "lays eggs", "has white feathers"),
  BUTTERFLY(Family.ANIMAL, "was a caterpillar", "flutters"),
  APPLE(Family.FOOD, "keeps the doctor away", "makes cider"),
  BANANA(Family.FOOD, "monkeys like", "has a yellow peel"),
  GRAPES(Family.FOOD, "becomes wine", "grows on vines"),
  LEMON(Family.FOOD, "tastes sour", "makes lemonade"),
  PIZZA(Family.FOOD, "comes from italy", "has cheese on top"),
  DOUGHNUT(Family.FOOD, "has a hole", "has icing and sprinkles"),
  CAKE(Family.FOOD, "has candles", "is for birthdays"),
  CARROT(Family.FOOD, "grows under the ground", "is an orange vegetable"),
  CAR(Family.THING, "drives on roads", "has a steering wheel"),
  BUS(Family.THING, "carries many people", "stops for passengers"),
  AIRPLANE(Family.THING, "flies above the clouds", "has wings and engines"),
  ROCKET(Family.THING, "flies to the moon", "goes to space"),
  BOAT(Family.THING, "sails", "needs wind"),
  HOUSE(Family.THING, "people live in", "has a roof"),
  CLOCK(Family.THING, "tells the time", "rings in the morning"),
  GUITAR(Family.THING, "has strings", "plays chords"),
  DRUM(Family.THING, "is beaten with sticks", "keeps the beat"),
  BALL(Family.THING, "is kicked into a goal", "bounces"),
  BALLOON(Family.THING, "floats on a string", "is filled with air"),
  UMBRELLA(Family.THING, "keeps the rain off", "opens when it pours"),
  KEY(Family.THING, "opens a lock", "turns in a door"),
  CAMERA(Family.THING, "takes photos", "has a lens"),
  HAMMER(Family.THING, "drives nails", "has a wooden handle"),
  SCISSORS(Family.THING, "cuts paper", "has two blades"),
  CROWN(Family.THING, "a king wears", "is made of gold"),
  BOOK(Family.THING, "is read", "has pages");

  /** What a sprite is when it is not named. */
  public enum Family {
    ANIMAL,
    FOOD,
    THING;

    /** Lower-case name. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final List<Sprite> COLOURABLE =
      List.of(CAR, BUS, BALLOON, UMBRELLA, BOOK, APPLE, CROWN, KEY, FISH, BOAT);

  private final Family family;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> facts;

  Sprite(Family family, String... facts) {
    this.family = family;
    this.facts = List.of(facts);
  }

  /** Sprites that have one main colour, so that they may have another. */
  public static List<Sprite> colourable() {
    return COLOURABLE;
  }

  public Family family() {
    return family;
  }

  /** Ends of "the thing that ...". */
  public List<String> facts() {
    return facts;
  }

  /** Lower-case name, as in instructions. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
