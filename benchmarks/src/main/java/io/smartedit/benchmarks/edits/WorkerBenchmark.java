package io.smartedit.benchmarks.edits;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.evaluation.Evaluation;
import io.smartedit.evaluation.Sample;
import io.smartedit.evaluation.SampleSet;
import io.smartedit.events.Cost;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Edits a second through the whole stream, from the first request sent to the last event read:
 * smartedit-mini by its own options beside an earlier version's; a mixed load one at a time and as
 * many at once as the worker likes, every result compared; several edits of one image.
 *
 * <p>Arguments: NOW BEFORE COUNT PRECISION DEVICE, where the first two are checkouts that were
 * built, and BEFORE may be {@code -}. Where the environment has {@code PRICE_PER_HOUR}, it says
 * what a thousand edits cost.
 */
final class WorkerBenchmark {

  private static final int ROUNDS = 3;
  private static final int SIDE = 64;
  private static final int IMAGES = 25; // of each class
  private static final int TOGETHER = 8;
  private static final int WARM_UP = 24;

  private final Path now;
  private final int count;
  private final String precision;
  private final String device;
  private final Path folder = Files.createTempDirectory("edits");

  private WorkerBenchmark(Path now, int count, String precision, String device) throws IOException {
    this.now = now;
    this.count = count;
    this.precision = precision;
    this.device = device;
  }

  public static void main(String[] arguments) throws Exception {
    WorkerBenchmark benchmark =
        new WorkerBenchmark(
            Path.of(arguments[0]).toRealPath(),
            Integer.parseInt(arguments[2]),
            arguments[3],
            arguments[4]);
    if (!arguments[1].equals("-")) {
      benchmark.besideBefore(Path.of(arguments[1]).toRealPath());
    }
    benchmark.mixed();
    benchmark.oneImage();
  }

  /** Both with what they do by default, turn by turn. */
  private void besideBefore(Path checkout) throws IOException, InterruptedException {
    try (Up before = Up.start(checkout, folder.resolve("before"));
        Up after = Up.start(now, folder.resolve("after"))) {
      before.edit(plain(before, "warm-up", WARM_UP));
      after.edit(plain(after, "warm-up", WARM_UP));
      double[] ratios = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        double earlier = rate(before, plain(before, "round-" + round, count));
        double today = rate(after, plain(after, "round-" + round, count));
        ratios[round] = today / earlier;
        System.out.printf(
            "own options   before %6.2f edits/s   now %6.2f edits/s   ratio %.2f%n",
            earlier, today, ratios[round]);
      }
      Arrays.sort(ratios);
      System.out.printf("own options   median ratio %.2f%n", ratios[ROUNDS / 2]);
    }
  }

  /** Different images, everything left open. */
  private static List<EditRequested> plain(Up up, String name, int count) throws IOException {
    SampleSet samples = Evaluation.emoji(IMAGES);
    List<EditRequested> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sample sample = samples.get(i % samples.size(), SIDE);
      String source = up.source(name + "/" + i + ".png", png(sample));
      EditSettings options = EditSettings.newBuilder().setSeed(i).build();
      requests.add(request(name + "-" + i, source, sample.instruction(), options));
    }
    return requests;
  }

  private void mixed() throws IOException, InterruptedException {
    try (Up alone = up("alone", 1);
        Up together = up("together", TOGETHER)) {
      alone.edit(mixed(alone, "warm-up", WARM_UP));
      together.edit(mixed(together, "warm-up", WARM_UP));
      List<EditRequested> solo = mixed(alone, "mixed", count);
      List<EditRequested> shared = mixed(together, "mixed", count);
      long begin = System.nanoTime();
      List<EditCompleted> one = alone.edit(solo);
      double slow = count / seconds(begin);
      begin = System.nanoTime();
      List<EditCompleted> many = together.edit(shared);
      double fast = count / seconds(begin);
      System.out.printf(
          "mixed load    one at a time %6.2f edits/s   at most %d at once %6.2f edits/s   ratio"
              + " %.2f%n",
          slow, TOGETHER, fast, fast / slow);
      System.out.print(Price.ofThousand("mixed load   ", fast));
      Distance distance = new Distance();
      for (int i = 0; i < count; i++) {
        distance.add(image(alone.result(one.get(i))), image(together.result(many.get(i))));
      }
      System.out.println("mixed load    " + distance);
    }
  }

  /** Steps 4 to 50, two sizes, with and without guidance, every image several times. */
  private static List<EditRequested> mixed(Up up, String name, int count) throws IOException {
    SampleSet samples = Evaluation.emoji(2);
    List<EditRequested> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sample sample = samples.get(i % samples.size(), SIDE);
      String source = up.source("mixed/" + i % samples.size() + ".png", png(sample));
      EditSettings.Builder options =
          EditSettings.newBuilder()
              .setSeed(i)
              .setSteps(MixedLoad.steps(i))
              .setSize(SIDE + MixedLoad.larger(i, SIDE));
      if (MixedLoad.isGuided(i)) {
        options.setGuidance(MixedLoad.GUIDED.text()).setImageGuidance(MixedLoad.GUIDED.image());
      }
      requests.add(request(name + "-" + i, source, sample.instruction(), options.build()));
    }
    return requests;
  }

  /** One after the other, so that each is alone and the stages' seconds are its own. */
  private void oneImage() throws IOException, InterruptedException {
    SampleSet samples = Evaluation.emoji(IMAGES);
    Sample picture = samples.get(0, SIDE);
    try (Up up = up("one", TOGETHER)) {
      up.edit(plain(up, "warm-up", WARM_UP));
      String source = up.source("one.png", png(picture));
      System.out.println("one image     seconds: read, denoised, decoded; found in caches");
      for (int i = 0; i < 16; i++) {
        String instruction = samples.get(i < 8 ? i : 0, SIDE).instruction();
        EditSettings options = EditSettings.newBuilder().setSeed(i).build();
        EditRequested request = request("one-" + i, source, instruction, options);
        Cost cost = up.edit(List.of(request)).get(0).getCost();
        System.out.printf(
            "one image     %-46s %.3f %.3f %.3f %s%n",
            i < 8 ? instruction : "the first again, seed " + i,
            cost.getRead(),
            cost.getDenoised(),
            cost.getDeveloped(),
            cost.getCacheHits());
      }
    }
  }

  private Up up(String name, int batch) throws IOException, InterruptedException {
    return Up.start(
        now,
        folder.resolve(name),
        "--batch=" + batch,
        "--encoder-precision=" + precision,
        "--denoiser-precision=" + precision,
        "--encoder-device=" + device,
        "--denoiser-device=" + device);
  }

  private static EditRequested request(
      String id, String source, String instruction, EditSettings options) {
    return EditRequested.newBuilder()
        .setRequestId(id)
        .setSource(source)
        .setInstruction(instruction)
        .setOptions(options)
        .setRequestedAt(Instant.now())
        .build();
  }

  private static double rate(Up up, List<EditRequested> requests) {
    long begin = System.nanoTime();
    up.edit(requests);
    return requests.size() / seconds(begin);
  }

  private static byte[] png(Sample sample) {
    return ImageCodec.encode(sample.source(), ImageCodec.Format.PNG);
  }

  private static Image image(byte[] png) {
    return ImageCodec.decode(png, ImageLimits.DEFAULT);
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
