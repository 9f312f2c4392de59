package io.smartedit.scaler;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.smartedit.events.RequestRules;
import io.smartedit.scaler.keda.ExternalScalerGrpc;
import io.smartedit.scaler.keda.GetMetricSpecResponse;
import io.smartedit.scaler.keda.GetMetricsRequest;
import io.smartedit.scaler.keda.GetMetricsResponse;
import io.smartedit.scaler.keda.IsActiveResponse;
import io.smartedit.scaler.keda.MetricSpec;
import io.smartedit.scaler.keda.MetricValue;
import io.smartedit.scaler.keda.ScaledObjectRef;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Answers KEDA. The metric is the backlog in seconds of device time, its target what one worker may
 * have before it: KEDA wants as many workers as the one has of the other.
 *
 * <p>Of a scaled object's metadata it knows {@code secondsPerWorker} (300) and {@code model}: a
 * model by name, or none for the workers of requests that name none. Thread-safe.
 */
final class KedaService extends ExternalScalerGrpc.ExternalScalerImplBase {

  static final String METRIC = "smartedit-backlog-seconds";

  private static final String SECONDS = "secondsPerWorker";
  private static final String MODEL = "model";

  /** KEDA's own, of how it reaches us, which it hands on with the rest. */
  private static final Set<String> OF_KEDA =
      Set.of("scalerAddress", "enableTLS", "caCert", "tlsClientCert", "tlsClientKey", "unsafeSsl");

  private static final double USUAL_SECONDS = 300;
  private static final double MOST_SECONDS = 1e9;

  private final BacklogWatch watch;

  KedaService(BacklogWatch watch) {
    this.watch = watch;
  }

  /** What a scaled object asks for. */
  private record Wanted(String model, double secondsPerWorker) {

    static Wanted of(ScaledObjectRef object) {
      Map<String, String> metadata = object.getScalerMetadataMap();
      TreeSet<String> unknown = new TreeSet<>(metadata.keySet());
      unknown.removeIf(
          name -> name.equals(SECONDS) || name.equals(MODEL) || OF_KEDA.contains(name));
      if (!unknown.isEmpty()) {
        throw refused(unknown.first() + " is not known; there are " + MODEL + ", " + SECONDS);
      }
      String model = metadata.getOrDefault(MODEL, Backlog.ANY);
      if (!model.isEmpty() && !RequestRules.isName(model)) {
        throw refused(MODEL + " is '" + model + "', which is no model's name");
      }
      return new Wanted(model, seconds(metadata.get(SECONDS)));
    }

    private static double seconds(@Nullable String text) {
      if (text == null) {
        return USUAL_SECONDS;
      }
      try {
        double seconds = Double.parseDouble(text);
        if (seconds > 0 && seconds <= MOST_SECONDS) {
          return seconds;
        }
      } catch (NumberFormatException e) {
        // as below
      }
      throw refused(SECONDS + " is '" + text + "', must be a number above 0 and at most 1e9");
    }

    private static RuntimeException refused(String why) {
      return Status.INVALID_ARGUMENT.withDescription(why).asRuntimeException();
    }
  }

  /** As long as a request has no outcome: so workers stay until the last edit has ended. */
  @Override
  public void isActive(ScaledObjectRef request, StreamObserver<IsActiveResponse> answer) {
    answer(
        answer,
        () -> {
          Wanted wanted = Wanted.of(request);
          return active(fresh(), wanted);
        });
  }

  /** Says at once how it is, and then whenever it changes. */
  @Override
  public void streamIsActive(ScaledObjectRef request, StreamObserver<IsActiveResponse> answer) {
    Wanted wanted;
    try {
      wanted = Wanted.of(request);
    } catch (RuntimeException e) {
      answer.onError(e);
      return;
    }
    AtomicReference<IsActiveResponse> said = new AtomicReference<>();
    ServerCallStreamObserver<IsActiveResponse> stream =
        (ServerCallStreamObserver<IsActiveResponse>) answer;
    Runnable end =
        watch.listen(
            backlog -> {
              IsActiveResponse now = active(backlog, wanted);
              if (!stream.isCancelled() && !now.equals(said.getAndSet(now))) {
                stream.onNext(now);
              }
            });
    stream.setOnCancelHandler(end);
  }

  @Override
  public void getMetricSpec(ScaledObjectRef request, StreamObserver<GetMetricSpecResponse> answer) {
    answer(
        answer,
        () -> {
          double target = Wanted.of(request).secondsPerWorker();
          return GetMetricSpecResponse.newBuilder()
              .addMetricSpecs(
                  MetricSpec.newBuilder()
                      .setMetricName(METRIC)
                      .setTargetSize(Math.max(1, Math.round(target)))
                      .setTargetSizeFloat(target))
              .build();
        });
  }

  @Override
  public void getMetrics(GetMetricsRequest request, StreamObserver<GetMetricsResponse> answer) {
    answer(
        answer,
        () -> {
          Wanted wanted = Wanted.of(request.getScaledObjectRef());
          double seconds = fresh().seconds(wanted.model());
          return GetMetricsResponse.newBuilder()
              .addMetricValues(
                  MetricValue.newBuilder()
                      .setMetricName(METRIC)
                      .setMetricValue((long) Math.ceil(seconds))
                      .setMetricValueFloat(seconds))
              .build();
        });
  }

  private static IsActiveResponse active(Backlog backlog, Wanted wanted) {
    return IsActiveResponse.newBuilder().setResult(backlog.queued(wanted.model()) > 0).build();
  }

  /** KEDA holds what it has, or does as its fallback says, where it gets an error. */
  private Backlog fresh() {
    Optional<Backlog> backlog = watch.backlog();
    return backlog.orElseThrow(
        () ->
            Status.UNAVAILABLE
                .withDescription("the backlog could not be read for " + BacklogWatch.STALE)
                .asRuntimeException());
  }

  private interface Answer<T> {
    T make();
  }

  private static <T> void answer(StreamObserver<T> to, Answer<T> answer) {
    T made;
    try {
      made = answer.make();
    } catch (RuntimeException e) {
      to.onError(e);
      return;
    }
    to.onNext(made);
    to.onCompleted();
  }
}
