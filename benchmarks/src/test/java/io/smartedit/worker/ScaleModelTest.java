package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.smartedit.events.Priority;
import io.smartedit.worker.ScaleReport.Pace;
import io.smartedit.worker.ScaleReport.Seen;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small fleets on counted time; what they show is the same on every machine. */
final class ScaleModelTest {

  private final ScaleReport report =
      new ScaleReport(
          new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));

  @Test
  void aQuietTenantBesideThousandsOfRequestsHasItsEventsInLessThanTwiceItsTimeAlone() {
    Seen seen = report.fairness(16, 16_000);

    assertThat(seen.ended()).isLessThan(2 * seen.aloneEnded());
    assertThat(seen.bulk()).as("a quarter beside the normal class").isCloseTo(0.25, within(0.03));
  }

  @Test
  void sixteenWorkersDoAlmostSixteenTimesAsMuchAndEveryRequestHasOneTerminalEvent() {
    List<Pace> paces = report.throughput(1, 16);

    assertThat(paces.get(1).rate()).isGreaterThan(0.85 * 16 * paces.get(0).rate());
    assertThat(paces)
        .allSatisfy(
            pace -> {
              assertThat(pace.once()).isEqualTo(pace.sent());
              assertThat(pace.repeated()).isZero();
            });
  }

  @Test
  void everyRequestEndsOnceThoughHostsAreTakenAwayAndNoneIsTakenForPoison() {
    ScaleModel model = new ScaleModel(8, 1);
    for (int i = 0; i < 600; i++) {
      model.send("tenant-" + i % 5, i % 3 == 0 ? Priority.BULK : Priority.NORMAL);
    }
    model.evict(300, 600);

    model.runOut();

    assertThat(model.ends()).hasSize(600);
    assertThat(model.failed()).isZero();
    assertThat(model.now()).isPositive();
  }
}
