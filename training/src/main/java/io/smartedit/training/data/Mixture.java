package io.smartedit.training.data;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Data sets and how often each is drawn from. Draws depend on the random source alone, so that a
 * step's batch is the same whenever it is drawn.
 */
public final class Mixture {

  private final List<Share> shares;
  private final double total;

  /**
   * A data set and its weight.
   *
   * @param weight above 0; shares are weights over their sum
   */
  public record Share(DataSet data, double weight) {
    public Share {
      if (!(weight > 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(data + ": weight " + weight + " is not above 0");
      }
    }
  }

  public Mixture(List<Share> shares) {
    if (shares.isEmpty()) {
      throw new IllegalArgumentException("no data set");
    }
    this.shares = List.copyOf(shares);
    total = shares.stream().mapToDouble(Share::weight).sum();
  }

  /**
   * Refuses data sets that hold something else than is learned.
   *
   * @param learned kind of examples
   * @param stage named in the refusal
   * @throws IllegalArgumentException naming the first data set that does not fit
   */
  public void require(Class<? extends Example> learned, String stage) {
    for (Share share : shares) {
      if (!share.data().examples().stream().allMatch(learned::isInstance)) {
        throw new IllegalArgumentException(
            "%s does not fit %s, which learns from examples with a %s only"
                .formatted(
                    share.data(), stage, learned == Example.Caption.class ? "caption" : "picture"));
      }
    }
  }

  /** A data set by its weight, and any example of it. */
  public Example draw(SplittableRandom random) {
    double at = random.nextDouble() * total;
    Share chosen = shares.get(shares.size() - 1);
    for (Share share : shares) {
      at -= share.weight();
      if (at < 0) {
        chosen = share;
        break;
      }
    }
    List<Example> examples = chosen.data().examples();
    return examples.get(random.nextInt(examples.size()));
  }

  @Override
  public String toString() {
    return shares.toString();
  }
}
