package io.smartedit.benchmarks.edits;

import com.sun.management.OperatingSystemMXBean;
import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.PrecisionChoice;
import io.smartedit.editor.options.Variant;
import io.smartedit.evaluation.Evaluation;
import io.smartedit.evaluation.Sample;
import io.smartedit.evaluation.SampleSet;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A mixed load through the editor in three ways: one edit after the other; in static batches, each
 * of which ends with its slowest; and continuously, where an edit joins as another leaves. Every
 * result is compared with that of its solo run. On a machine that others use, too, compare seconds
 * of a core.
 *
 * <p>Arguments: MODEL DEVICE PRECISION COUNT.
 */
final class EditorBenchmark {

  private static final int TOGETHER = 8;
  private static final int IMAGES = 2; // of each class

  private final SmartEdit editor;
  private final List<EditRequest> load;

  private EditorBenchmark(SmartEdit editor, List<EditRequest> load) {
    this.editor = editor;
    this.load = load;
  }

  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[0]);
    PrecisionChoice precision = PrecisionChoice.valueOf(arguments[2].toUpperCase(Locale.ROOT));
    Placement place = Placement.named(arguments[1], precision);
    int count = Integer.parseInt(arguments[3]);
    SmartEdit.Settings settings = new SmartEdit.Settings(Variant.SMARTEDIT, place, place, false, 0);
    try (SmartEdit editor = SmartEdit.open(model, settings)) {
      EditorBenchmark benchmark = new EditorBenchmark(editor, load(editor.defaults(), count));
      benchmark.edit(benchmark.load.subList(0, Math.min(TOGETHER, count)), TOGETHER); // warms
      System.out.printf("%d edits on %s in %s%n", count, arguments[1], place.precision());
      benchmark.run();
    }
  }

  /** Steps 4 to 50, two sizes, with and without guidance, every image several times. */
  private static List<EditRequest> load(EditOptions defaults, int count) throws IOException {
    SampleSet samples = Evaluation.emoji(IMAGES);
    List<EditRequest> load = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Guidance guidance = MixedLoad.isGuided(i) ? MixedLoad.GUIDED : defaults.guidance();
      EditOptions options =
          new EditOptions(
              MixedLoad.steps(i),
              guidance,
              i,
              defaults.size() + MixedLoad.larger(i, defaults.size()),
              EditOptions.Fit.SQUARE,
              false,
              false,
              defaults.sampler());
      Sample sample = samples.get(i % samples.size(), defaults.size());
      load.add(new EditRequest(sample.source(), sample.instructions().get(0), options));
    }
    return load;
  }

  private void run() {
    List<Image> solo = timed("one at a time", () -> edit(load, 1));
    List<Image> batches =
        timed(
            "static batches of " + TOGETHER,
            () -> {
              List<Image> images = new ArrayList<>();
              for (int from = 0; from < load.size(); from += TOGETHER) {
                int end = Math.min(load.size(), from + TOGETHER);
                images.addAll(edit(load.subList(from, end), TOGETHER));
              }
              return images;
            });
    List<Image> continuous = timed("continuous, at most " + TOGETHER, () -> edit(load, TOGETHER));
    compare("static batches", batches, solo);
    compare("continuous", continuous, solo);
  }

  private List<Image> timed(String name, Supplier<List<Image>> way) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long computed = system.getProcessCpuTime();
    long begin = System.nanoTime();
    List<Image> images = way.get();
    double seconds = (System.nanoTime() - begin) * 1e-9;
    double ofProcessor = (system.getProcessCpuTime() - computed) * 1e-9;
    System.out.printf(
        "%-24s %7.2f s %7.2f edits/s; %7.2f s of a core%n",
        name, seconds, load.size() / seconds, ofProcessor);
    System.out.print(Price.ofThousand(name, load.size() / seconds));
    return images;
  }

  /** As many at once as may be; another joins as one leaves. */
  private List<Image> edit(List<EditRequest> requests, int together) {
    Image[] images = new Image[requests.size()];
    Map<Integer, SmartEdit.Edit> running = new LinkedHashMap<>();
    int next = 0;
    while (next < requests.size() || !running.isEmpty()) {
      while (next < requests.size() && running.size() < together) {
        running.put(next, editor.begin(requests.get(next), EditObserver.NONE));
        next++;
      }
      editor.step(List.copyOf(running.values()));
      running
          .entrySet()
          .removeIf(
              entry -> {
                if (!entry.getValue().isDone()) {
                  return false;
                }
                images[entry.getKey()] = editor.decode(entry.getValue());
                entry.getValue().close();
                return true;
              });
    }
    return List.of(images);
  }

  private static void compare(String name, List<Image> images, List<Image> solo) {
    Distance distance = new Distance();
    for (int i = 0; i < solo.size(); i++) {
      distance.add(solo.get(i), images.get(i));
    }
    System.out.println(name + ": " + distance);
  }
}
