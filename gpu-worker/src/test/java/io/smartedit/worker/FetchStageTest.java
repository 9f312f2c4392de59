package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.store.InMemoryObjectStore;
import io.smartedit.store.ObjectName;
import io.smartedit.store.SourcePolicy;
import io.smartedit.store.StoreException;
import io.smartedit.store.WebImages;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a source gets its bytes; what comes of refusals, {@link StagePoolTest} shows. */
final class FetchStageTest {

  private static final int MEGABYTE = 1 << 20;
  private static final int MOST = 32 * MEGABYTE;

  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private final WebImages web =
      new WebImages(new SourcePolicy(Set.of("pictures"), Set.of()), Duration.ofSeconds(1));
  private final ByteBudget budget = new ByteBudget(8 * MEGABYTE);
  private final Queue<FetchedImage> fetched = new ConcurrentLinkedQueue<>();
  private final StagePool.Plan<ResolvedRequest> plan =
      new FetchStage(store, web, MOST, Fixtures.TIME, fetched::add).plan(budget);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void bucket() {
    store.ensureBucket("pictures");
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    web.close();
  }

  /** A kept source must not hold up the next one for the sake of what that might be at most. */
  @Test
  void aSmallSourceTakesItsOwnBytesOfABudgetThatIsSmallerThanTheLargestSource() throws Exception {
    put("a.png", 1000);

    run(Fixtures.request("a")).get();
    run(Fixtures.request("b")).get();

    assertThat(fetched).hasSize(2);
    assertThat(budget.free()).isEqualTo(8 * MEGABYTE - 2 * 1024);
  }

  @Test
  void aLargerSourceIsReadOnceThereIsRoomForAllOfIt() throws Exception {
    put("a.png", 5 * MEGABYTE);

    run(Fixtures.request("a")).get();
    Future<?> second = run(Fixtures.request("b"));
    await().until(() -> budget.free() == 3 * MEGABYTE);
    assertThat(fetched).hasSize(1);
    fetched.remove().discard();
    second.get();

    assertThat(fetched).hasSize(1);
    assertThat(fetched.remove().source().bytes()).hasSize(5 * MEGABYTE);
  }

  @Test
  void aMaskIsCountedWithItsSource() throws Exception {
    put("a.png", 2 * MEGABYTE);
    put("mask.png", 3 * MEGABYTE);

    run(Fixtures.request("a")
            .setOptions(EditSettings.newBuilder().setMask("s3://pictures/mask.png").build()))
        .get();

    assertThat(budget.free()).isEqualTo(3 * MEGABYTE);
    assertThat(fetched.remove().source().mask()).hasSize(3 * MEGABYTE);
  }

  @Test
  void whatIsLargerThanAllowedIsRefusedWithTheLimit() {
    put("a.png", MOST + 1);

    Future<?> read = run(Fixtures.request("a"));

    assertThatThrownBy(read::get)
        .cause()
        .isInstanceOf(StoreException.class)
        .hasMessage("s3://pictures/a.png has more than 33554432 bytes");
  }

  private void put(String key, int bytes) {
    store.write(new ObjectName("pictures", key), new byte[bytes], "image/png", Map.of());
  }

  private Future<?> run(EditRequested.Builder request) {
    ResolvedRequest resolved = Fixtures.resolved(Fixtures.job(request.build(), 0, Attempts.NONE));
    resolved.job().moveTo(JobState.FETCHING);
    return threads.submit(
        () -> {
          ByteBudget.Lease lease = budget.take(plan.bytes().applyAsLong(resolved));
          plan.step().run(resolved, lease);
          return resolved;
        });
  }
}
