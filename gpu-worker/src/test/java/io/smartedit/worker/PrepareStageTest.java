package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PrepareStageTest {

  private static final int SIDE = 16;
  private static final int SAMPLES = SIDE * SIDE * 3;

  private final ByteBudget budget = new ByteBudget(64 << 20);
  private final List<PreparedEdit> prepared = new ArrayList<>();

  @Test
  void aSourceIsDecodedOnce() throws Exception {
    StagePool.Plan<FetchedImage> plan = plan(2 * SAMPLES);

    run(plan, "a", noise(1));
    run(plan, "b", noise(2));
    run(plan, "c", noise(1));

    assertThat(hits("a")).isEmpty();
    assertThat(hits("b")).isEmpty();
    assertThat(hits("c")).containsExactly(Map.entry("source", 1L));
    assertThat(working("c")).isEqualTo(working("a")).isNotEqualTo(working("b"));
  }

  @Test
  void whatIsKeptIsBounded() throws Exception {
    StagePool.Plan<FetchedImage> plan = plan(SAMPLES - 1);

    run(plan, "a", noise(1));
    run(plan, "b", noise(1));

    assertThat(hits("b")).isEmpty();
    assertThat(working("b")).isEqualTo(working("a"));
  }

  private StagePool.Plan<FetchedImage> plan(long kept) {
    return new PrepareStage(
            new CountingEditor(1), 1 << 20, new SourceCache(kept), Fixtures.TIME, prepared::add)
        .plan(budget);
  }

  private void run(StagePool.Plan<FetchedImage> plan, String id, byte[] png) throws Exception {
    KeptSource source = new KeptSource(png, null, budget.take(png.length));
    Job job = Fixtures.job(id);
    FetchedImage input = new FetchedImage(Fixtures.resolved(job), source);
    Fixtures.advance(job, JobState.PREPARING);
    plan.step().run(input, budget.take(plan.bytes().applyAsLong(input)));
  }

  private Map<String, Long> hits(String id) {
    return edit(id).job().times().cost(1).getCacheHits();
  }

  private byte[] working(String id) {
    return edit(id).request().working().rgb();
  }

  private PreparedEdit edit(String id) {
    return prepared.stream()
        .filter(edit -> edit.job().taken().requestId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] noise(int seed) {
    byte[] rgb = new byte[SAMPLES];
    new Random(seed).nextBytes(rgb);
    return ImageCodec.encode(new Image(SIDE, SIDE, rgb), ImageCodec.Format.PNG);
  }
}
