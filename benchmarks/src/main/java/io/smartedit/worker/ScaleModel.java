package io.smartedit.worker;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Priority;
import io.smartedit.events.Status;
import io.smartedit.worker.fair.Shares;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A fleet on counted time: requests of heavy-tailed length, hosts that are taken away, and what
 * became of it. The same seed gives the same run.
 *
 * <p>The model's own assumptions: edits in a device do not slow each other down, an edit takes
 * {@value #SECONDS_PER_STEP} s a step, reading and storing are always there, and an edit under way
 * when its partition moves is lost at once.
 */
public final class ScaleModel {

  static final double SECONDS_PER_STEP = 0.1;
  static final int PLACES = 4;
  private static final int PARTITIONS_A_WORKER = 4;
  private static final double SESSION = 8;
  private static final double MODEL_LOAD = 60;
  private static final double MEDIAN_STEPS = 50;
  private static final double SPREAD = 0.8;
  private static final int MOST_STEPS = 1000;

  private final ModelTime time = new ModelTime();
  private final Random random;
  private final ModelBroker broker;
  private final ModelWorker.Fleet fleet;
  private final List<ModelWorker> alive = new ArrayList<>();
  private final List<ModelWorker> all = new ArrayList<>();
  private final Map<String, Request> requests = new HashMap<>();
  private final Set<String> done = new HashSet<>();
  private final List<Double> ends = new ArrayList<>();
  private int names;
  private int repeated;
  private int failed;

  /** What is known of a request. */
  static final class Request {
    final String tenant;
    final Priority priority;
    final double sent;
    final double length;
    double begun = Double.NaN;
    double ended = Double.NaN;

    private Request(String tenant, Priority priority, double sent, double length) {
      this.tenant = tenant;
      this.priority = priority;
      this.sent = sent;
      this.length = length;
    }

    boolean hasEnded() {
      return !Double.isNaN(ended);
    }
  }

  /** A fleet of {@code workers}, with four partitions for each. */
  public ScaleModel(int workers, long seed) {
    random = new Random(seed);
    broker = new ModelBroker(workers * PARTITIONS_A_WORKER);
    fleet =
        new ModelWorker.Fleet(
            broker,
            time,
            PLACES,
            Shares.DEFAULT,
            request -> seconds(request.getOptions()),
            this::begun,
            this::ended,
            done);
    for (int i = 0; i < workers; i++) {
      addWorker();
    }
  }

  private static double seconds(EditSettings options) {
    Integer steps = options.getSteps();
    return SECONDS_PER_STEP * options.getVariants() * (steps == null ? MEDIAN_STEPS : steps);
  }

  private void addWorker() {
    ModelWorker worker = new ModelWorker("worker-" + all.size(), fleet);
    all.add(worker);
    alive.add(worker);
    worker.start();
  }

  /** Sends a request now. */
  void send(String tenant, Priority priority) {
    String id = tenant + "-" + priority + "-" + names++;
    double drawn = MEDIAN_STEPS * Math.exp(SPREAD * random.nextGaussian());
    int steps = (int) Math.max(1, Math.min(MOST_STEPS, drawn));
    EditRequested request =
        EditRequested.newBuilder()
            .setRequestId(id)
            .setTenant(tenant)
            .setPriority(priority)
            .setSource("s3://pictures/" + id + ".png")
            .setInstruction("remove the cat")
            .setOptionsBuilder(EditSettings.newBuilder().setSteps(steps))
            .setRequestedAt(time.instant())
            .build();
    requests.put(id, new Request(tenant, priority, time.seconds(), seconds(request.getOptions())));
    broker.send(request);
  }

  /** A tenant sends at random, {@code rate} a second until {@code until}. */
  void stream(String tenant, Priority priority, double rate, double until) {
    double pause = -Math.log(1 - random.nextDouble()) / rate;
    time.after(
        pause,
        () -> {
          if (time.seconds() < until) {
            send(tenant, priority);
            stream(tenant, priority, rate, until);
          }
        });
  }

  /** Hosts are taken away at random, each after {@code life} seconds on average, and replaced. */
  void evict(double life, double until) {
    double pause = -Math.log(1 - random.nextDouble()) * life / Math.max(1, alive.size());
    time.after(
        pause,
        () -> {
          if (time.seconds() < until) {
            if (alive.size() > 1) {
              alive.remove(random.nextInt(alive.size())).die(SESSION);
              time.after(MODEL_LOAD, this::addWorker);
            }
            evict(life, until);
          }
        });
  }

  private void begun(EditRequested request) {
    Request known = requests.get(request.getRequestId());
    if (known != null && Double.isNaN(known.begun)) {
      known.begun = time.seconds();
    }
  }

  /** The sink lets the first outcome of a request through. */
  private void ended(EditOutcome outcome) {
    Request known = requests.get(outcome.getRequestId());
    if (known == null || known.hasEnded()) {
      repeated++;
      return;
    }
    known.ended = time.seconds();
    ends.add(known.ended);
    failed += outcome.getStatus() == Status.EDITED ? 0 : 1;
  }

  /** Runs for so many seconds. */
  void run(double until) {
    while (time.seconds() < until && time.step()) {}
  }

  /** Runs until everything sent has ended. */
  void runOut() {
    while (ends.size() < requests.size() && time.step()) {}
  }

  List<Request> of(String tenant) {
    return requests.values().stream().filter(request -> request.tenant.equals(tenant)).toList();
  }

  /** Which share of all places had an edit in it until then, where no host was taken away. */
  double busy(double until) {
    double used =
        requests.values().stream()
            .filter(request -> request.begun < until)
            .mapToDouble(request -> Math.min(request.length, until - request.begun))
            .sum();
    return used / (all.size() * PLACES * until);
  }

  int sent() {
    return requests.size();
  }

  List<Double> ends() {
    return ends;
  }

  int repeated() {
    return repeated;
  }

  int failed() {
    return failed;
  }

  double now() {
    return time.seconds();
  }

  /** Time that edits were in devices. */
  double deviceSeconds() {
    return all.stream().mapToDouble(ModelWorker::deviceSeconds).sum();
  }
}
