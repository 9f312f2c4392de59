package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.events.EditResult;
import io.smartedit.store.ObjectName;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DependentRequestsTest {

  private final ManualTime time = new ManualTime();
  private final DependentRequests dependents = new DependentRequests(Duration.ofMinutes(10), time);
  private final JobEndings endings = Fixtures.endings(dependents);

  @Test
  void aRequestWaitsForTheOneItBuildsOn() {
    Job dependent = dependent("b", "a");
    dependents.await(dependent, "a");
    assertThat(dependent.state()).isEqualTo(JobState.WAITING);
    assertThat(dependents.due()).isEmpty();

    endings.edited(Fixtures.job("a"), result("s3://edited/default/a.png"));

    assertThat(dependents.due()).containsExactly(dependent);
    assertThat(dependents.image(dependent.taken(), "a"))
        .contains(ObjectName.parse("s3://edited/default/a.png"));
  }

  @Test
  void aRequestFailsWithTheOneItBuildsOn() {
    endings.failed(Fixtures.job("a"), JobFailedException.rejected("source: NoSuchKey"));

    assertThatThrownBy(() -> dependents.image(dependent("b", "a").taken(), "a"))
        .isInstanceOf(JobFailedException.class)
        .hasMessage("source: request a ended without an image: source: NoSuchKey");
  }

  @Test
  void anIdThatIsUsedAgainChangesNothingForThoseWhoBuildOnIt() {
    endings.edited(Fixtures.job("a"), result("s3://edited/default/a.png"));

    endings.failed(Fixtures.job("a"), JobFailedException.idReused("a"));
    endings.edited(Fixtures.job("a"), result("s3://edited/default/other/a.png"));

    assertThat(dependents.image(dependent("b", "a").taken(), "a"))
        .contains(ObjectName.parse("s3://edited/default/a.png"));
  }

  @Test
  void thatAnIdWasUsedBeforeSaysNothingOfItsFirstEdit() {
    endings.failed(Fixtures.job("a"), JobFailedException.idReused("a"));

    assertThat(dependents.image(dependent("b", "a").taken(), "a")).isEmpty();
  }

  @Test
  void theStoreIsAskedAgainAtGrowingPauses() {
    Job dependent = dependent("b", "a");
    int looks = 0;
    dependents.await(dependent, "a");
    for (int second = 0; second < 300; second++) {
      time.pass(Duration.ofSeconds(1));
      for (Job due : dependents.due()) {
        looks++;
        dependents.await(due, "a");
      }
    }

    assertThat(looks).isBetween(25, 50);
  }

  @Test
  void whatNeverComesIsNotWaitedForForEver() {
    Job dependent = dependent("b", "a");
    dependents.await(dependent, "a");
    time.pass(Duration.ofMinutes(11));
    assertThat(dependents.due()).containsExactly(dependent);

    assertThatThrownBy(() -> dependents.await(dependent, "a"))
        .hasMessage("source: no result of request a appeared within 600 s");
  }

  /** They fail no request: the worker takes no more until some are done. */
  @Test
  void manyWait() {
    for (int i = 0; i < 5000; i++) {
      assertThat(dependents.isFull()).isFalse();
      dependents.await(dependent("b-" + i, "a"), "a");
    }

    assertThat(dependents.isFull()).isTrue();
    endings.edited(Fixtures.job("a"), result("s3://edited/default/a.png"));
    assertThat(dependents.due()).hasSize(5000);
    assertThat(dependents.isFull()).isFalse();
  }

  @Test
  void whoWasCancelledWaitsNoLonger() {
    Job dependent = dependent("b", "a");
    dependents.await(dependent, "a");

    endings.failed(dependent, JobFailedException.cancelled());

    assertThat(dependents.due()).isEmpty();
    time.pass(Duration.ofMinutes(11));
    assertThat(dependents.due()).isEmpty();
  }

  private static Job dependent(String id, String origin) {
    return Fixtures.job(
        Fixtures.request(id).setSource("request:" + origin).setSessionId("s").build(),
        1,
        Attempts.NONE);
  }

  private static EditResult result(String output) {
    return EditResult.newBuilder()
        .setOutput(output)
        .setBytes(1)
        .setSha256("")
        .setWidth(1)
        .setHeight(1)
        .build();
  }
}
