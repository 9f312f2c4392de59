package io.smartedit.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.EditStatus;
import io.smartedit.events.Priority;
import io.smartedit.events.State;
import io.smartedit.sink.forecast.Backlog;
import io.smartedit.sink.forecast.Lane;
import io.smartedit.sink.forecast.LaneCount;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OpenRequestsTest {

  private static final TaskId TASK = new TaskId(0, 3);
  private static final Instant CAME = Instant.parse("2026-11-25T12:00:00Z");
  private static final Instant LATER = CAME.plusSeconds(1);
  private static final Lane LANE = new Lane("photo", Priority.BULK, "shop");

  private final KeyValueStore<String, String> store =
      Stores.keyValueStoreBuilder(
              Stores.inMemoryKeyValueStore(OpenRequests.STORE), Serdes.String(), Serdes.String())
          .withLoggingDisabled()
          .build();
  private final Backlog backlog = new Backlog();
  private final OpenRequests open = new OpenRequests(store, backlog, TASK);

  @BeforeEach
  void begin() {
    MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
    store.init(context.getStateStoreContext(), store);
    open.begin(Instant.EPOCH);
  }

  @Test
  void whatHasNotBegunIsCountedUntilItBeginsOrEnds() {
    open.moved("shop/a", null, status("a", State.REQUESTED));
    open.moved("shop/b", null, status("b", State.REQUESTED));
    open.moved("shop/b", status("b", State.REQUESTED), status("b", State.REQUESTED)); // put back
    assertThat(backlog.count(LATER, 3)).containsExactly(new LaneCount(LANE, 2, 2));

    open.moved("shop/a", status("a", State.REQUESTED), status("a", State.RUNNING));
    open.moved("shop/a", status("a", State.RUNNING), status("a", State.COMPLETED));
    assertThat(backlog.count(LATER, 3)).containsExactly(new LaneCount(LANE, 1, 1));
    open.moved("shop/b", status("b", State.REQUESTED), status("b", State.FAILED));

    assertThat(backlog.count(LATER, 3)).isEmpty();
    assertThat(store.all().hasNext()).isFalse();
  }

  @Test
  void whoTakesATaskOverKnowsWhatWaitsAndForgetsWhatIsTooOld() {
    open.moved("shop/a", null, status("a", State.REQUESTED));
    Backlog next = new Backlog();

    new OpenRequests(store, next, TASK).begin(CAME);
    assertThat(next.count(LATER, 3)).containsExactly(new LaneCount(LANE, 1, 1));

    new OpenRequests(store, next, TASK).begin(LATER);
    assertThat(next.count(LATER, 3)).isEmpty();
  }

  @Test
  void whatEndedBeforeItWasHeardOfIsNotCounted() {
    open.moved("shop/a", null, status("a", State.COMPLETED));

    assertThat(backlog.count(LATER, 3)).isEmpty();
  }

  private static EditStatus status(String id, State state) {
    EditStatus.Builder status =
        EditStatus.newBuilder()
            .setRequestId(id)
            .setTenant("shop")
            .setState(state)
            .setModel("photo")
            .setPriority(Priority.BULK.name())
            .setUpdatedAt(CAME);
    return (state == State.REQUESTED ? status.setQueuedAt(CAME) : status).build();
  }
}
