package io.smartedit.sink;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class RestartPolicyTest {

  private final List<Duration> rests = new ArrayList<>();

  @Test
  void pausesDoubleUpToAMinuteAndEndWithACalmTime() {
    long[] now = {0};
    RestartPolicy policy = new RestartPolicy(() -> now[0], rests::add);
    for (int i = 0; i < 8; i++) {
      assertThat(policy.handle(new StreamsException("away"))).isEqualTo(REPLACE_THREAD);
    }
    now[0] += TimeUnit.MINUTES.toNanos(20);

    policy.handle(new StreamsException("away"));

    assertThat(rests)
        .extracting(Duration::toSeconds)
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 1L);
  }

  @Test
  void closingEndsAPause() throws Exception {
    RestartPolicy policy = new RestartPolicy();
    policy.handle(new StreamsException("first"));
    CompletableFuture<Object> answer =
        CompletableFuture.supplyAsync(
            () -> policy.handle(new StreamsException("the registry is away")));
    Awaitility.await().until(() -> policy.waiting() != null);
    assertThat(policy.waiting()).isEqualTo("the registry is away");

    policy.close();

    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(SHUTDOWN_CLIENT);
  }

  @Test
  void anErrorEndsTheSink() {
    RestartPolicy policy = new RestartPolicy(() -> 0, rests::add);

    assertThat(policy.handle(new StackOverflowError())).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(policy.waiting()).isNotNull();
    assertThat(rests).isEmpty();
  }

  @Test
  void ofAStateFolderThatCannotBeUsedItIsSaidWhatToDo() {
    List<String> said = new ArrayList<>();
    RestartPolicy[] self = new RestartPolicy[1];
    self[0] = new RestartPolicy(() -> 0, rest -> said.add(String.valueOf(self[0].waiting())));

    self[0].handle(
        new StreamsException(
            new ProcessorStateException(
                "store", new java.io.IOException("No space left on device"))));

    assertThat(said).singleElement().asString().contains("sink.state", "No space left on device");
  }
}
