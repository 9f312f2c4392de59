package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class ByteBudgetTest {

  private final ByteBudget budget = new ByteBudget(1 << 20);

  @Test
  void whatIsHeldComesBackOnce() throws Exception {
    ByteBudget.Lease lease = budget.take(600 << 10);
    assertThat(budget.free()).isEqualTo(424 << 10);

    lease.shrinkTo(100 << 10);
    assertThat(budget.free()).isEqualTo(924 << 10);

    lease.close();
    lease.close();
    lease.shrinkTo(1);
    assertThat(budget.free()).isEqualTo(1 << 20);
  }

  @Test
  void whoWantsMoreThanThereIsWorksAlone() throws Exception {
    ByteBudget.Lease all = budget.take(Long.MAX_VALUE / 2);
    assertThat(budget.free()).isZero();
    AtomicBoolean got = new AtomicBoolean();
    Thread other = new Thread(() -> take(got));
    other.start();
    await().until(() -> other.getState() == Thread.State.WAITING);
    assertThat(got).isFalse();

    all.close();

    other.join();
    assertThat(got).isTrue();
  }

  private void take(AtomicBoolean got) {
    try {
      budget.take(1).close();
      got.set(true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
