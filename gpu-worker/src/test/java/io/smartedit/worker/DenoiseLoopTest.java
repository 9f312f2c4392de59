package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.djl.engine.EngineException;
import io.smartedit.events.EventSerializer;
import io.smartedit.worker.fair.Shares;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DenoiseLoopTest {

  private final ManualTime time = new ManualTime();
  private final CountingEditor editor = new CountingEditor(3);
  private final JobEndings endings = Fixtures.endings();
  private final Set<String> cancelled = Collections.synchronizedSet(new HashSet<>());
  private final List<DecodedEdit> decoded = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<Throwable> death = new AtomicReference<>();
  private final ProgressPublisher progress =
      new ProgressPublisher(
          new MockProducer<>(
              true, null, new StringSerializer(), new EventSerializer<>(Fixtures.REGISTRY)),
          "w-1",
          time,
          time);
  private final DenoiseLoop loop =
      new DenoiseLoop(
          editor,
          BatchLimit.fixed(4),
          Shares.DEFAULT,
          endings,
          new LeaveRules(
              taken -> cancelled.contains(taken.requestId()),
              taken -> Optional.empty(),
              "test",
              () -> false,
              time),
          progress,
          decoded::add);

  @AfterEach
  void close() {
    loop.close();
    progress.close();
  }

  @Test
  void editsGoOnAsDecodedImages() {
    loop.start(death::set);
    Job job = enter("a");

    await().until(() -> decoded.size() == 1);

    assertThat(job.state()).isEqualTo(JobState.ENCODING);
    assertThat(loop.isReady()).isTrue();
  }

  @Test
  void whatOneEditThrowsEndsThatOneAndTheLoopGoesOn() {
    editor.beforeDecode =
        edit -> {
          if (edit == editor.begun.get(0)) {
            throw new EngineException("the image is not a number");
          }
        };
    loop.start(death::set);
    Job bad = enter("bad");
    await().until(bad::hasEnded);
    enter("good");

    await().until(() -> decoded.size() == 1);

    assertThat(Fixtures.ended(endings)).singleElement().matches(ended -> ended.job() == bad);
    assertThat(death).hasNullValue();
  }

  @Test
  void whatBreaksTheProcessEndsTheLoopAndItsJobsAreLeft() {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError("libtorch");
    editor.beforeStep =
        edits -> {
          throw error;
        };
    loop.start(death::set);
    Job job = enter("a");

    await().until(() -> editor.closed);

    assertThat(death.get()).hasCause(error);
    assertThat(job.state()).isEqualTo(JobState.LEFT);
    assertThat(Fixtures.ended(endings)).isEmpty();
    assertThat(loop.isReady()).isFalse();
    Job late = enter("late");
    assertThat(late.state()).isEqualTo(JobState.LEFT);
  }

  @Test
  void aModelThatCannotBeLoadedEndsTheLoop() {
    editor.beforeWarmUp =
        () -> {
          throw new IllegalStateException("model.folder: no such folder");
        };
    loop.start(death::set);

    await().until(() -> editor.closed);

    assertThat(death.get()).hasMessage("model.folder: no such folder");
  }

  @Test
  void aCancelledEditLeavesBetweenSteps() throws Exception {
    CountDownLatch stepping = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    editor.beforeStep =
        edits -> {
          stepping.countDown();
          awaitQuietly(goOn);
        };
    loop.start(death::set);
    Job job = enter("a");
    stepping.await();
    cancelled.add("a");

    goOn.countDown();

    await().until(job::hasEnded);
    assertThat(job.state()).isEqualTo(JobState.ANSWERED);
    await().until(() -> editor.begun.get(0).freed);
    assertThat(editor.begun.get(0).step).isEqualTo(1);
  }

  @Test
  void closingLeavesWhatIsUnderWay() throws Exception {
    CountDownLatch stepping = new CountDownLatch(1);
    editor.beforeStep = edits -> stepping.countDown();
    editor.afterEach = edit -> edit.step = 0; // never done
    loop.start(death::set);
    Job job = enter("a");
    stepping.await();

    loop.close();

    assertThat(job.state()).isEqualTo(JobState.LEFT);
    assertThat(editor.closed).isTrue();
    assertThat(death).hasNullValue();
  }

  private Job enter(String id) {
    Job job = Fixtures.jobAt(id, JobState.DENOISING);
    loop.accept(Fixtures.prepared(job));
    return job;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
