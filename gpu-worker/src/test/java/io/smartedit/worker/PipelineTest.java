package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.options.Adapters;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Status;
import io.smartedit.events.Variant;
import io.smartedit.store.InMemoryObjectStore;
import io.smartedit.store.ObjectName;
import io.smartedit.store.WebImages;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * All stages on their own threads, between a store in the heap and an editor that changes nothing.
 */
final class PipelineTest {

  private static final int SIDE = 800;

  private final ManualTime time = new ManualTime();
  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private final AtomicInteger decoding = new AtomicInteger();
  private final CountingEditor editor = new CountingEditor(2);
  private final WorkerSettings settings =
      Fixtures.settings("worker.image-bytes", "5000000", "source.max-bytes", "50000000");
  private final DependentRequests dependents = new DependentRequests(Duration.ofMinutes(10), time);
  private final JobEndings endings = Fixtures.endings(dependents);
  private final ProgressPublisher progress =
      new ProgressPublisher(
          new MockProducer<>(
              true, null, new StringSerializer(), new EventSerializer<>(Fixtures.REGISTRY)),
          "w-1",
          time,
          time);
  private final WebImages web = new WebImages(settings.sources(), Duration.ofSeconds(1));
  private final Pipeline pipeline =
      new Pipeline(
          new Pipeline.Tools(settings, store, web, editor, time, dependents, progress),
          new StagePool.Services(
              endings,
              Fixtures.staying(),
              new RetryPolicy(Duration.ofSeconds(10), () -> 0.5),
              new Delays(time),
              new Holds(time),
              time),
          partitions -> true,
          Fixtures.FAIRNESS);
  private final List<JobEndings.Ended> ended = new ArrayList<>();
  private long offset;

  @BeforeEach
  void start() {
    store.ensureBucket("pictures");
    store.ensureBucket("edited");
    byte[] large =
        ImageCodec.encode(new Image(SIDE, SIDE, new byte[3 * SIDE * SIDE]), ImageCodec.Format.PNG);
    store.write(new ObjectName("pictures", "a.png"), large, "image/png", Map.of());
    pipeline.device().start(death -> {});
  }

  @AfterEach
  void stop() {
    pipeline.close();
    progress.close();
    web.close();
  }

  @Test
  void anEditIsStoredAndAnswered() {
    run(Fixtures.request("a").build());

    EditOutcome outcome = outcomes(1).get(0);

    assertThat(outcome.getStatus()).isEqualTo(Status.EDITED);
    byte[] stored = store.read(ObjectName.parse(outcome.getResult().getOutput()), 1 << 20);
    assertThat(outcome.getResult().getBytes()).isEqualTo(stored.length);
    assertThat(outcome.getResult().getWidth()).isEqualTo(SIDE);
    assertThat(outcome.getCost().getDenoised()).isNotNegative();
  }

  @Test
  void theSameRequestAgainIsAnsweredFromWhatStands() {
    run(Fixtures.request("a").build());
    outcomes(1);

    run(Fixtures.request("a").build());

    List<EditOutcome> both = outcomes(2);
    assertThat(both.get(1).getResult()).isEqualTo(both.get(0).getResult());
    assertThat(editor.begun).hasSize(1);
  }

  @Test
  void variantsAreReadOnceStoredEachAndAnsweredTogether() throws Exception {
    EditSettings options = EditSettings.newBuilder().setSeed(7).setVariants(3).build();
    run(Fixtures.request("a").setOptions(options).build());

    EditResult result = outcomes(1).get(0).getResult();

    assertThat(result.getOutput()).isEqualTo("s3://edited/default/a.png");
    assertThat(result.getVariants())
        .extracting(Variant::getSeed, Variant::getOutput)
        .containsExactly(
            tuple(8L, "s3://edited/default/a~2.png"), tuple(9L, "s3://edited/default/a~3.png"));
    for (Variant variant : result.getVariants()) {
      byte[] stored = store.read(ObjectName.parse(variant.getOutput()), 1 << 20);
      assertThat(DigestUtils.sha256Hex(stored)).isEqualTo(variant.getSha256());
      assertThat(new String(stored, StandardCharsets.ISO_8859_1))
          .contains("smartedit:seed=\"" + variant.getSeed() + "\"");
    }
    assertThat(editor.batches).as("all in each step").containsExactly(3, 3);
    run(Fixtures.request("a").setOptions(options).build());
    assertThat(outcomes(2).get(1).getResult()).as("from what stands").isEqualTo(result);
    assertThat(editor.begun).hasSize(3);
  }

  /** Each decodes to 4.5 MB of the 5 that there are; together they would take 90. */
  @Test
  void largeImagesAreDecodedOneAfterAnother() {
    for (int i = 0; i < 20; i++) {
      run(Fixtures.request("r-" + i).build());
    }

    assertThat(outcomes(20)).extracting(EditOutcome::getStatus).containsOnly(Status.EDITED);
  }

  @Test
  void aPoisonRequestWhoseResultStandsIsAnsweredWithIt() {
    run(Fixtures.request("a").build());
    outcomes(1);
    poison("a");
    poison("b");

    List<EditOutcome> all = outcomes(3);

    assertThat(all)
        .filteredOn(outcome -> outcome.getRequestId().equals("a"))
        .extracting(EditOutcome::getStatus)
        .containsOnly(Status.EDITED);
    assertThat(all)
        .filteredOn(outcome -> outcome.getRequestId().equals("b"))
        .singleElement()
        .satisfies(
            outcome ->
                assertThat(outcome.getFailure().getMessage())
                    .isEqualTo("the worker died 3 times over this request"));
  }

  @Test
  void eachStageRefusesWithItsReason() {
    run(Fixtures.request("missing").setSource("s3://pictures/none.png").build());
    store.write(new ObjectName("pictures", "text"), new byte[99], "text/plain", Map.of());
    run(Fixtures.request("text").setSource("s3://pictures/text").build());
    run(Fixtures.request("blank").setInstruction(" ").build());
    run(
        Fixtures.request("steps")
            .setOptions(EditSettings.newBuilder().setSteps(0).build())
            .build());

    assertThat(outcomes(4)).extracting(EditOutcome::getStatus).containsOnly(Status.REJECTED);
    assertThat(decoding).hasValue(0);
  }

  @Test
  void anEditHasTheAdaptersOfItsRequestAndAnUnknownOneIsRefusedWithThoseThereAre() {
    run(adapted("a", Map.of("toon", 0.5, "sketch", -0.0)));
    EditOutcome edited = outcomes(1).get(0);
    byte[] stored = store.read(ObjectName.parse(edited.getResult().getOutput()), 1 << 20);
    assertThat(new String(stored, StandardCharsets.ISO_8859_1))
        .contains("smartedit:adapters=\"toon=0.5\"");

    run(adapted("b", Map.of("toon", 1.0, "oil", 1.0)));
    EditOutcome refused = outcomes(2).get(1);

    assertThat(refused.getStatus()).isEqualTo(Status.REJECTED);
    assertThat(refused.getFailure().getMessage())
        .isEqualTo(
            "options.adapters: 'oil' is not known; %s has sketch, toon"
                .formatted(settings.modelName()));
    assertThat(editor.begun).hasSize(1);
  }

  /** Who wants other adapters wants another image. */
  @Test
  void theDigestIsOfTheAdaptersInNoOrder() {
    Map<String, Double> one = new LinkedHashMap<>();
    Map<String, Double> other = new LinkedHashMap<>();
    for (int i = 0; i < 4; i++) {
      one.put("Aa" + i, 1.0 + i);
      other.put("Aa" + (3 - i), 4.0 - i);
    }

    assertThat(RequestDigest.of(adapted("a", one)))
        .isEqualTo(RequestDigest.of(adapted("a", other)));
    other.put("Aa0", 3.0);
    assertThat(RequestDigest.of(adapted("a", one)))
        .isNotEqualTo(RequestDigest.of(adapted("a", other)));
  }

  @Test
  void theRulesAndTheEditorHaveTheSameLimits() {
    assertThat(RequestRules.MAX_ADAPTERS).isEqualTo(Adapters.MOST);
    assertThat(RequestRules.MAX_ADAPTER_SCALE).isEqualTo(Adapters.MAX_SCALE);
  }

  private static EditRequested adapted(String id, Map<String, Double> adapters) {
    EditSettings options = EditSettings.newBuilder().setAdapters(adapters).build();
    return Fixtures.request(id).setOptions(options).build();
  }

  /** The limit of a source is the setting's, not one of our own below it. */
  @Test
  void aSourceMayBeAsLargeAsTheSettingSays() {
    byte[] png = Fixtures.png();
    byte[] padded = new byte[40_000_000];
    System.arraycopy(png, 0, padded, 0, png.length);
    store.write(new ObjectName("pictures", "padded.png"), padded, "image/png", Map.of());

    run(Fixtures.request("a").setSource("s3://pictures/padded.png").build());

    assertThat(outcomes(1).get(0).getFailure())
        .satisfiesAnyOf(
            failure -> assertThat(failure).isNull(),
            failure -> assertThat(failure.getMessage()).doesNotContain("more than"));
  }

  private void run(EditRequested request) {
    pipeline.accept(Fixtures.job(request, offset++, Attempts.NONE));
  }

  private void poison(String id) {
    OffsetLedger ledger = new OffsetLedger(CommitMetadata.NONE);
    TakenRequest taken =
        new TakenRequest(
            new PartitionReceipt(Fixtures.PARTITION, offset++, ledger),
            new Attempts(3, 3),
            true,
            Fixtures.request(id).build());
    pipeline.accept(new Job(taken, new StageTimes(time, time, taken.request().getRequestedAt())));
  }

  private List<EditOutcome> outcomes(int count) {
    await()
        .until(
            () -> {
              pipeline.admission().turn();
              ended.addAll(Fixtures.ended(endings));
              return ended.size() >= count;
            });
    return ended.stream().map(JobEndings.Ended::outcome).toList();
  }
}
