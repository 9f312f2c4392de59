package io.smartedit.worker;

import io.smartedit.events.Priority;
import io.smartedit.worker.ScaleModel.Request;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The scale model's runs, and their figures. */
public final class ScaleReport {

  private static final long SEED = 20261125;
  private static final int EDITS_A_WORKER = 200;
  private static final double QUIET_SECONDS = 19_200;

  /** So long after the last request of the quiet tenant the last of them has ended. */
  private static final double LONGEST = 200;

  private static final double HOUR = 3600;

  /** Mean seconds of an edit: 50 steps in the median, log-normal with sigma 0.8, 0.1 s a step. */
  private static final double MEAN_SECONDS = 6.8;

  private final PrintStream out;

  ScaleReport(PrintStream out) {
    this.out = out;
  }

  /** With a file's name, draws the throughput into it. */
  public static void main(String[] arguments) throws IOException {
    ScaleReport report = new ScaleReport(System.out);
    int[] fleets = {1, 4, 16, 64, 256};
    List<Pace> paces = report.throughput(fleets);
    if (arguments.length > 0) {
      new ScalePlot(fleets, paces).write(Path.of(arguments[0]));
    }
    report.fairness(4, 20_000);
    report.fairness(16, 20_000);
    report.evictions();
  }

  /**
   * How a fleet works off a backlog until half of it is done.
   *
   * @param rate edits a second
   * @param busy share of the devices' places that had an edit
   * @param once requests with one terminal event
   * @param repeated terminal events beyond the first of a request
   */
  record Pace(int sent, double rate, double busy, int once, int repeated) {}

  /** Throughput over the number of workers, each with the same backlog. */
  List<Pace> throughput(int... fleets) {
    out.println(
        "| workers | edits | edits/s | of one worker's times as many | devices busy | ended once | second events | seconds to run |");
    out.println("|---|---|---|---|---|---|---|---|");
    List<Pace> paces = new ArrayList<>();
    for (int workers : fleets) {
      long began = System.nanoTime();
      ScaleModel model = backlog(workers);
      model.runOut();
      Pace pace = pace(model);
      paces.add(pace);
      print(
          "| %d | %d | %.2f | %.2f | %.3f | %d | %d | %.1f |",
          workers,
          pace.sent(),
          pace.rate(),
          pace.rate() / workers / paces.get(0).rate() * fleets[0],
          pace.busy(),
          pace.once(),
          pace.repeated(),
          (System.nanoTime() - began) / 1e9);
    }
    return paces;
  }

  private static ScaleModel backlog(int workers) {
    ScaleModel model = new ScaleModel(workers, SEED);
    for (int i = 0; i < workers * EDITS_A_WORKER; i++) {
      model.send("tenant-" + i % 10, Priority.NORMAL);
    }
    return model;
  }

  private static Pace pace(ScaleModel model) {
    int half = model.sent() / 2;
    double until = model.ends().get(half - 1);
    return new Pace(
        model.sent(), half / until, model.busy(until), model.ends().size(), model.repeated());
  }

  /** What the quiet tenant saw, and the bulk class's share of the device. */
  record Seen(double aloneBegun, double aloneEnded, double begun, double ended, double bulk) {}

  /** A quiet tenant alone, and beside two deep backlogs: another's, and a bulk one. */
  Seen fairness(int workers, int backlog) {
    double until = QUIET_SECONDS / workers; // as many of its requests in every fleet
    double rate = 0.1 * workers * ScaleModel.PLACES / MEAN_SECONDS;
    ScaleModel alone = new ScaleModel(workers, SEED);
    alone.stream("quiet", Priority.NORMAL, rate, until);
    alone.run(until + LONGEST);
    ScaleModel crowded = new ScaleModel(workers, SEED);
    for (int i = 0; i < backlog; i++) {
      crowded.send("noisy", Priority.NORMAL);
      crowded.send("bulk", Priority.BULK);
    }
    crowded.stream("quiet", Priority.NORMAL, rate, until);
    crowded.run(until + LONGEST);
    Seen seen =
        new Seen(
            percentile(alone.of("quiet"), request -> request.begun - request.sent, 0.95),
            percentile(alone.of("quiet"), request -> request.ended - request.sent, 0.95),
            percentile(crowded.of("quiet"), request -> request.begun - request.sent, 0.95),
            percentile(crowded.of("quiet"), request -> request.ended - request.sent, 0.95),
            work(crowded.of("bulk")) / crowded.deviceSeconds());
    out.println();
    out.println(
        "| quiet tenant, " + workers + " workers | p95 until begun, s | p95 until its event, s |");
    out.println("|---|---|---|");
    print("| alone | %.1f | %.1f |", seen.aloneBegun(), seen.aloneEnded());
    print("| beside %d queued | %.1f | %.1f |", 2 * backlog, seen.begun(), seen.ended());
    print(
        "| times its own alone | %.2f | %.2f |",
        seen.begun() / seen.aloneBegun(), seen.ended() / seen.aloneEnded());
    print("bulk has %.1f%% of the device time", 100 * seen.bulk());
    return seen;
  }

  /** The same load on hosts that stay and on hosts that are taken away. */
  void evictions() {
    out.println();
    out.println(
        "| hosts live, minutes | edits | ended once | second events | failed | edits/s | device seconds an edit |");
    out.println("|---|---|---|---|---|---|---|");
    for (double minutes : new double[] {0, 60, 20}) {
      int workers = 64;
      ScaleModel model = backlog(workers);
      if (minutes > 0) {
        model.evict(minutes * 60, HOUR);
      }
      model.runOut();
      Pace pace = pace(model);
      print(
          "| %s | %d | %d | %d | %d | %.2f | %.2f |",
          minutes == 0 ? "for ever" : "%.0f".formatted(minutes),
          pace.sent(),
          pace.once(),
          pace.repeated(),
          model.failed(),
          pace.rate(),
          model.deviceSeconds() / model.ends().size());
    }
  }

  private static double work(List<Request> requests) {
    return requests.stream().filter(Request::hasEnded).mapToDouble(each -> each.length).sum();
  }

  private static double percentile(
      List<Request> requests, ToDoubleFunction<Request> value, double share) {
    List<Double> values = new ArrayList<>();
    for (Request request : requests) {
      double each = value.applyAsDouble(request);
      if (!Double.isNaN(each)) {
        values.add(each);
      }
    }
    values.sort(null);
    return values.get((int) (share * (values.size() - 1)));
  }

  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
