package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.events.FailureKind;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class JobTest {

  @Test
  void aJobGoesTheWholeWay() {
    Job job = Fixtures.jobAt("a", JobState.STORING);

    assertThat(job.state()).isEqualTo(JobState.STORING);
    assertThat(job.state().isBegun()).isTrue();
    assertThat(job.moveTo(JobState.ANSWERED)).isTrue();
  }

  @Test
  void nothingLeadsOutOfAnEnd() {
    for (JobState end : new JobState[] {JobState.ANSWERED, JobState.LEFT}) {
      Job job = Fixtures.job("a");
      job.moveTo(end);

      for (JobState next : JobState.values()) {
        assertThat(job.moveTo(next)).as(next.name()).isFalse();
      }
    }
  }

  @Test
  void noStageIsLeftOut() {
    Job job = Fixtures.job("a");

    assertThatThrownBy(() -> job.moveTo(JobState.DENOISING)).hasMessageContaining("cannot become");
  }

  @Test
  void whoeverAnswersSecondAnswersNothing() {
    Job job = Fixtures.job("a");
    JobEndings endings = Fixtures.endings();

    endings.failed(job, JobFailedException.expired());
    endings.failed(job, JobFailedException.failed(FailureKind.INTERNAL, "later", null));
    endings.leave(job);

    assertThat(Fixtures.ended(endings)).hasSize(1);
  }

  /** Kafka's client may say anything; the middle of time is where we can count. */
  @Test
  void everyTimeOfARequestCanBeMeasured() {
    for (long millis : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, 0, Long.MAX_VALUE}) {
      StageTimes times = new StageTimes(Fixtures.TIME, Fixtures.TIME, Instant.ofEpochMilli(millis));

      assertThat(times.cost(1).getQueued()).as("" + millis).isNotNegative().isFinite();
    }
  }
}
