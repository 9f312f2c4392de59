package io.smartedit.worker;

import static io.smartedit.worker.Fixtures.PARTITION;
import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AdmissionTest {

  private final Admission.Arrivals arrivals = new Admission.Arrivals();
  private final OffsetLedger ledger = new OffsetLedger(CommitMetadata.NONE);
  private final List<String> notes = new ArrayList<>();
  private final List<ResolvedRequest> working = new ArrayList<>();
  private final List<PreparedEdit> entered = new ArrayList<>();
  private boolean canNote = true;
  private long offset;
  private final Admission admission =
      new Admission(
          arrivals,
          BatchLimit.fixed(2),
          receipts -> {
            assertThat(receipts).allMatch(receipt -> receipt.partition().equals(PARTITION));
            notes.add(ledger.commitAfter(Set.of()).metadata());
            return canNote;
          },
          Fixtures.FAIRNESS,
          working::add,
          entered::add);

  @Test
  void everythingGoesToWorkAndAsManyAsFitIntoTheDevice() {
    List<Job> jobs =
        List.of(resolve(Attempts.NONE), resolve(Attempts.NONE), resolve(Attempts.NONE));
    admission.turn();
    assertThat(working).hasSize(3);

    jobs.forEach(this::prepare);
    admission.turn();

    assertThat(entered).hasSize(2);
    assertThat(notes).containsExactly("2;0;0:0:0s,1:0:0s");
    finish(jobs.get(0));
    admission.turn();
    assertThat(entered).hasSize(3);
    assertThat(notes.get(1))
        .as("the one that is done is no longer noted")
        .contains("1:0:0s,2:0:0s");
  }

  @Test
  void everyKindHasItsPlacesAndUrgentEditsHaveTheirOwn() {
    List<PreparedEdit> others = new ArrayList<>();
    Admission other =
        new Admission(
            arrivals,
            BatchLimit.fixed(2),
            receipts -> true,
            Fixtures.FAIRNESS,
            working::add,
            others::add);

    for (int side : new int[] {8, 8, 16, 16, 24}) {
      arrive(Priority.NORMAL, side);
    }
    other.turn();
    assertThat(others).as("two of a kind, four in all").hasSize(4);

    for (int i = 0; i < 3; i++) {
      arrive(Priority.HIGH, 8);
    }
    other.turn();

    assertThat(others.subList(4, others.size()))
        .hasSize(2)
        .allMatch(edit -> edit.priority() == Priority.HIGH);
  }

  private void arrive(Priority priority, int side) {
    arrivals.prepared().add(Fixtures.prepared("r", priority, side, JobState.PREPARED));
  }

  @Test
  void nothingIsNotedOfWhatIsNotInTheDevice() {
    resolve(Attempts.NONE);
    resolve(Attempts.NONE);

    admission.turn();

    assertThat(notes).isEmpty();
    assertThat(ledger.commitAfter(Set.of()).metadata()).isEmpty();
  }

  @Test
  void aSuspectWaitsUntilNothingIsInWorkAndThenRunsAlone() {
    Job before = resolve(Attempts.NONE);
    Job suspect = resolve(new Attempts(1, 0));
    Job behind = resolve(Attempts.NONE);

    admission.turn();
    assertThat(working).extracting(ResolvedRequest::job).containsExactly(before);
    run(before);
    admission.turn();
    assertThat(working).extracting(ResolvedRequest::job).containsExactly(before, suspect);
    prepare(suspect);
    admission.turn();
    assertThat(notes.get(notes.size() - 1)).contains(":0:0a");
    finish(suspect);
    admission.turn();
    assertThat(working)
        .extracting(ResolvedRequest::job)
        .as("others wait while it runs, also behind the device")
        .containsExactly(before, suspect);
    Fixtures.endings().leave(suspect);
    admission.turn();

    assertThat(working).extracting(ResolvedRequest::job).contains(behind);
    assertThat(behind.hasEnded()).isFalse();
  }

  @Test
  void whoeverIsJoinedIsNoLongerAlone() {
    Job first = resolve(Attempts.NONE);
    admission.turn();
    prepare(first);
    admission.turn();
    assertThat(notes).containsExactly("2;0;0:0:0a");

    Job second = resolve(Attempts.NONE);
    admission.turn();
    prepare(second);
    admission.turn();

    assertThat(notes.get(1)).isEqualTo("2;0;0:0:0s,1:0:0s");
  }

  /** From then on a death is none of its doing. */
  @Test
  void thatOneWhoWasAloneHasLeftTheDeviceIsNotedAtOnce() {
    Job job = resolve(Attempts.NONE);
    admission.turn();
    prepare(job);
    admission.turn();

    finish(job);
    admission.turn();

    assertThat(notes).containsExactly("2;0;0:0:0a", "");
  }

  @Test
  void nothingEntersTheDeviceUntilThatIsNoted() {
    Job job = resolve(Attempts.NONE);
    admission.turn();
    prepare(job);
    canNote = false;

    admission.turn();
    assertThat(entered).isEmpty();
    assertThat(ledger.markOf(0)).isEqualTo(AttemptMark.NONE);

    canNote = true;
    admission.turn();
    assertThat(entered).hasSize(1);
  }

  /** Whoever hands it over says whether it was a death. */
  @Test
  void whatIsLeftStaysNoted() {
    Job job = resolve(Attempts.NONE);
    admission.turn();
    prepare(job);
    admission.turn();

    Fixtures.endings().leave(job);
    admission.turn();

    assertThat(ledger.markOf(0)).isEqualTo(AttemptMark.ALONE);
  }

  @Test
  void whatHasEndedMeanwhileEntersNothing() {
    Job job = resolve(Attempts.NONE);
    Fixtures.endings().failed(job, JobFailedException.cancelled());

    admission.turn();

    assertThat(working).isEmpty();
  }

  private Job resolve(Attempts attempts) {
    ledger.take(offset);
    Job job = Fixtures.job(Fixtures.request("r-" + offset).build(), offset, withNotes(), attempts);
    offset++;
    arrivals.resolved().add(Fixtures.resolved(job));
    return job;
  }

  private OffsetLedger withNotes() {
    return ledger;
  }

  private void prepare(Job job) {
    Fixtures.advance(job, JobState.PREPARED);
    arrivals.prepared().add(Fixtures.prepared(job));
  }

  private void run(Job job) {
    prepare(job);
    admission.turn();
    Fixtures.endings().failed(job, JobFailedException.expired());
  }

  private static void finish(Job job) {
    job.moveTo(JobState.ENCODING);
  }
}
