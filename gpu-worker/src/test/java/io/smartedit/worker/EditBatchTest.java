package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import io.smartedit.editor.OutOfDeviceMemoryException;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Priority;
import io.smartedit.worker.CountingEditor.Counted;
import io.smartedit.worker.fair.Shares;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EditBatchTest {

  private final CountingEditor editor = new CountingEditor(3);
  private final Recorder recorder = new Recorder();
  private final BatchLimit limit = BatchLimit.fixed(4);
  private final EditBatch batch = new EditBatch(editor, limit, Shares.DEFAULT, recorder);

  @Test
  void editsShareStepsAndLeaveAsTheyAreDone() {
    join("a", "b");
    batch.advance();
    join("c");
    advance(3);

    assertThat(editor.batches).containsExactly(2, 3, 3, 1);
    assertThat(recorder.decoded).containsExactly("a", "b", "c");
    assertThat(batch.isEmpty()).isTrue();
    assertThat(editor.begun).allMatch(edit -> edit.freed);
  }

  @Test
  void variantsOfAJobShareStepsAndEndTogether() {
    join(Fixtures.prepared(job("a", 6)));

    advance(5);

    assertThat(editor.batches).as("no more than 4 at once").containsExactly(4, 4, 4, 4, 2);
    assertThat(recorder.decoded).containsExactly("a");
    assertThat(recorder.images).isEqualTo(6);
    assertThat(editor.begun).hasSize(6).allMatch(edit -> edit.freed);
  }

  @Test
  void anUrgentEditIsInTheNextCallHoweverFullTheDeviceIs() {
    join("a", "b", "c", "d");
    batch.advance();

    batch.add(Fixtures.prepared("urgent", Priority.HIGH, 8));
    advance(1);

    assertThat(editor.begun.get(4).step).isEqualTo(1);
    assertThat(editor.batches).as("others of its kind fill the call").containsExactly(4, 4);
  }

  @Test
  void anUrgentEditWaitsForOneReadingAtMost() {
    batch.add(Fixtures.prepared("bulk", Priority.BULK, 8));
    begin();
    batch.advance();
    for (String id : List.of("a", "b", "c")) {
      batch.add(Fixtures.prepared(id, Priority.NORMAL, 8));
    }
    batch.add(Fixtures.prepared("urgent", Priority.HIGH, 8));

    assertThat(batch.begin()).as("the urgent one").isTrue();
    assertThat(batch.begin()).as("another").isTrue();
    assertThat(batch.begin()).as("a third").isFalse();
    batch.advance();

    assertThat(editor.begun).extracting(edit -> edit.step).containsExactly(2, 1, 1);
    assertThat(batch.begin()).as("after the call").isTrue();
  }

  @Test
  void whatCachesSparedIsPartOfTheCost() {
    Job job = job("a", 2);
    join(Fixtures.prepared(job));

    advance(3);

    assertThat(job.times().cost(1).getCacheHits()).isEqualTo(Map.of("condition", 2L));
  }

  @Test
  void aVariantThatBreaksEndsItsJobAndNoOther() {
    join(Fixtures.prepared(job("a", 3)));
    join("b");
    Counted bad = editor.begun.get(1);
    editor.beforeStep =
        edits -> {
          if (edits.contains(bad)) {
            throw new EngineException("shape mismatch");
          }
        };

    advance(3);

    assertThat(recorder.failed).containsOnlyKeys("a");
    assertThat(recorder.decoded).containsExactly("b");
    assertThat(editor.begun).allMatch(edit -> edit.freed);
    assertThat(editor.begun.get(2).step).as("its job was given up").isZero();
  }

  @Test
  void variantsThatAreTooManyForTheMemoryAreSteppedByFewer() {
    editor.beforeStep =
        edits -> {
          if (edits.size() > 2) {
            throw new OutOfDeviceMemoryException(new EngineException("out of memory"));
          }
        };
    join(Fixtures.prepared(job("a", 6)));

    advance(9);

    assertThat(recorder.failed).isEmpty();
    assertThat(recorder.images).isEqualTo(6);
  }

  @Test
  void noEditStepsTwiceAfterMemoryRanOut() {
    join("a", "b", "c", "d");
    editor.afterEach =
        edit -> {
          if (editor.batches.size() == 1 && edit == editor.begun.get(1)) {
            throw new OutOfDeviceMemoryException(new EngineException("out of memory"));
          }
        };

    batch.advance();

    assertThat(editor.begun).extracting(edit -> edit.step).containsOnly(1);
    assertThat(editor.batches).as("the two that were behind, by halves").containsExactly(4, 1, 1);
    assertThat(limit.of("8x8")).as("no more than half from now on").isEqualTo(2);
    assertThat(recorder.failed).isEmpty();
    advance(4);
    assertThat(recorder.decoded).containsExactlyInAnyOrder("a", "b", "c", "d");
  }

  @Test
  void anEditThatAloneIsTooLargeFailsAndTheOthersDoNot() {
    join("a", "b");
    editor.beforeStep =
        edits -> {
          if (edits.contains(editor.begun.get(0))) {
            throw new OutOfDeviceMemoryException(new EngineException("out of memory"));
          }
        };

    advance(3);

    assertThat(recorder.failed).containsOnlyKeys("a");
    assertThat(recorder.failed.get("a")).isInstanceOf(OutOfDeviceMemoryException.class);
    assertThat(recorder.decoded).containsExactly("b");
  }

  @Test
  void anEditThatBreaksAStepFailsAlone() {
    for (Throwable thrown :
        List.of(
            new EngineException("shape mismatch"),
            new IllegalStateException("not a number"),
            new StackOverflowError(),
            new OutOfMemoryError("Java heap space"))) {
      recorder.decoded.clear();
      recorder.failed.clear();
      editor.begun.clear();
      join("a", "b", "c");
      Counted bad = editor.begun.get(1);
      editor.beforeStep =
          edits -> {
            if (edits.contains(bad)) {
              sneak(thrown);
            }
          };

      advance(3);

      assertThat(recorder.failed).as(thrown.toString()).containsOnlyKeys("b");
      assertThat(recorder.failed.get("b")).isSameAs(thrown);
      assertThat(recorder.decoded).containsExactly("a", "c");
      assertThat(editor.begun).allMatch(edit -> edit.step <= 3 && edit.freed);
    }
  }

  @Test
  void whatDoesNotFitBesideOthersIsBegunAfterThem() {
    join("a");
    editor.beforeBegin =
        () -> {
          if (recorder.decoded.isEmpty()) {
            throw new OutOfDeviceMemoryException(new EngineException("out of memory"));
          }
        };
    join("b");
    assertThat(batch.begin()).as("there is no room").isFalse();

    advance(7);

    assertThat(recorder.decoded).containsExactly("a", "b");
    assertThat(recorder.failed).isEmpty();
  }

  @Test
  void whatDoesNotFitAloneFails() {
    editor.beforeBegin =
        () -> {
          throw new OutOfDeviceMemoryException(new EngineException("out of memory"));
        };

    join("a");

    assertThat(recorder.failed).containsOnlyKeys("a");
    assertThat(batch.isEmpty()).isTrue();
  }

  @Test
  void anImageThatCannotBeDecodedBesideOthersIsDecodedAfterThem() {
    join("a");
    batch.advance();
    join("b");
    editor.beforeDecode =
        edit -> {
          if (recorder.decoded.isEmpty() && edit == editor.begun.get(0) && !isAlone()) {
            throw new OutOfDeviceMemoryException(new EngineException("out of memory"));
          }
        };

    advance(4);

    assertThat(recorder.decoded).containsExactlyInAnyOrder("a", "b");
    assertThat(recorder.failed).isEmpty();
  }

  @Test
  void anImageThatCannotBeDecodedAtAllEndsItsEdit() {
    join("a", "b");
    editor.beforeDecode =
        edit -> {
          throw new OutOfDeviceMemoryException(new EngineException("out of memory"));
        };

    advance(6);

    assertThat(recorder.failed).containsOnlyKeys("a", "b");
    assertThat(batch.isEmpty()).isTrue();
  }

  @Test
  void aRefusedRequestEndsAndTheOthersGoOn() {
    join("a");
    editor.beforeBegin =
        () -> {
          throw new BadRequestException("instruction is too long");
        };
    join("b");
    advance(3);

    assertThat(recorder.failed).containsOnlyKeys("b");
    assertThat(recorder.decoded).containsExactly("a");
  }

  @Test
  void whatBreaksTheProcessEndsTheWorker() {
    for (Throwable thrown :
        List.of(
            new UnsatisfiedLinkError("libtorch"),
            new NoClassDefFoundError("ai/djl"),
            new InternalError("fault in unsafe memory access"),
            new EngineException("CUDA error: an illegal memory access was encountered"))) {
      EditBatch other = new EditBatch(editor, limit, Shares.DEFAULT, recorder);
      editor.beforeStep = edits -> sneak(thrown);
      other.add(Fixtures.prepared(Fixtures.jobAt("a", JobState.DENOISING)));
      assertThat(other.begin()).isTrue();

      assertThatThrownBy(other::advance).isInstanceOf(DeviceLostException.class).hasCause(thrown);
      assertThat(other.dissolve()).hasSize(1);
      assertThat(recorder.failed).isEmpty();
    }
  }

  @Test
  void whoLeavesIsSteppedNoMore() {
    join("a", "b");
    batch.advance();
    recorder.leaving.add("a");

    advance(2);

    assertThat(editor.begun).extracting(edit -> edit.step).containsExactly(1, 3);
    assertThat(editor.begun.get(0).freed).isTrue();
  }

  private boolean isAlone() {
    return editor.begun.stream().filter(edit -> !edit.freed).count() == 1;
  }

  private static Job job(String id, int variants) {
    EditSettings options = EditSettings.newBuilder().setVariants(variants).build();
    return Fixtures.job(Fixtures.request(id).setOptions(options).build(), 0, Attempts.NONE);
  }

  private void join(String... ids) {
    for (String id : ids) {
      join(Fixtures.prepared(Fixtures.jobAt(id, JobState.DENOISING)));
    }
  }

  private void join(PreparedEdit prepared) {
    batch.add(prepared);
    begin();
  }

  private void begin() {
    while (batch.begin()) {
      // One after the other.
    }
  }

  private void advance(int times) {
    for (int i = 0; i < times; i++) {
      begin();
      batch.advance();
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws any kind
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static final class Recorder implements EditBatch.Listener {
    private final List<String> decoded = new ArrayList<>();
    private final Map<String, Throwable> failed = new LinkedHashMap<>();
    private final List<String> leaving = new ArrayList<>();
    private int images;

    @Override
    public boolean hasLeft(Job job) {
      return leaving.contains(job.taken().requestId());
    }

    @Override
    public void stepped(Job job, int step, int steps) {}

    @Override
    public void decoded(DecodedEdit edit) {
      images += edit.images().size();
      decoded.add(edit.job().taken().requestId());
    }

    @Override
    public void failed(Job job, Throwable thrown) {
      failed.put(job.taken().requestId(), thrown);
    }
  }
}
