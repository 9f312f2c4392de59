package io.smartedit.sink.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.sink.Costs;
import io.smartedit.store.InMemoryObjectStore;
import io.smartedit.store.ObjectName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Time is the test's; the store lies in the heap. */
@NullUnmarked // start fills the fields
final class RetentionTopologyTest {

  private static final String UPLOAD = "shop/" + "ab".repeat(20) + ".png";
  private static final Map<String, String> OURS = Map.of("request-digest", "d");

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private Instant now = Instant.parse("2026-11-25T12:00:00Z");
  private final InMemoryObjectStore store = new InMemoryObjectStore(clock());
  private boolean isCaughtUp = true;
  private TopologyTestDriver driver;
  private TestInputTopic<String, EditRequested> requests;
  private TestInputTopic<String, EditCompleted> completed;
  private TestInputTopic<String, EditFailed> failed;
  private TestOutputTopic<String, ImageDeleted> deleted;

  @TempDir private Path folder;

  private Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return now;
      }
    };
  }

  private void start(String rules) throws IOException {
    Path file = Files.writeString(folder.resolve("retention"), rules);
    RetentionSettings settings =
        RetentionSettings.of(
            Settings.read(RetentionSettings.DECLARED, Map.of("retention.file", file.toString())));
    driver =
        new TopologyTestDriver(
            RetentionTopology.build(
                new RetentionTopology.Parts(registry, store, horizon(), new SimpleMeterRegistry()),
                settings,
                "app",
                4),
            new Properties(),
            now);
    requests = input(Topics.REQUESTED);
    completed = input(Topics.COMPLETED);
    failed = input(Topics.FAILED);
    deleted =
        driver.createOutputTopic(
            Topics.DELETED,
            new StringDeserializer(),
            new EventDeserializer<>(registry, ImageDeleted.getClassSchema()));
    store.ensureBucket("pictures");
    store.ensureBucket("edited");
  }

  private <T extends SpecificRecord> TestInputTopic<String, T> input(String topic) {
    return driver.createInputTopic(topic, new StringSerializer(), new EventSerializer<T>(registry));
  }

  private Horizon horizon() {
    return new Horizon() {
      @Override
      public Map<TopicPartition, Long> ends(Collection<String> topics) {
        return Map.of();
      }

      @Override
      public boolean isReached(Map<TopicPartition, Long> ends) {
        return isCaughtUp;
      }

      @Override
      public void close() {}
    };
  }

  @AfterEach
  void close() {
    if (driver != null) {
      driver.close();
    }
  }

  @Test
  void whatIsOlderThanItsTenantsTimeIsDeletedAndTold() throws Exception {
    start("shop 2d 10d\n* keep keep\n");
    write("edited", "shop/r-1.png", OURS);
    write("edited", "shop/folder/r-1~2.webp", OURS);
    write("edited", "other/r-1.png", OURS);
    write("pictures", UPLOAD, Map.of());

    pass(Duration.ofDays(1));
    List<ImageDeleted> early = deleted.readValuesToList();
    pass(Duration.ofDays(2));
    List<ImageDeleted> results = deleted.readValuesToList();
    pass(Duration.ofDays(8));

    assertThat(early).isEmpty();
    assertThat(results)
        .allSatisfy(
            event -> {
              assertThat(event.getReason()).isEqualTo("retention");
              assertThat(event.getRequestId()).isEqualTo("r-1");
              assertThat(event.getTenant()).isEqualTo("shop");
            })
        .extracting(ImageDeleted::getObject)
        .containsExactlyInAnyOrder(
            "s3://edited/shop/r-1.png", "s3://edited/shop/folder/r-1~2.webp");
    assertThat(deleted.readValuesToList())
        .extracting(ImageDeleted::getObject)
        .containsExactly("s3://pictures/" + UPLOAD);
    assertThat(isThere("edited", "shop/r-1.png")).isFalse();
    assertThat(isThere("pictures", UPLOAD)).isFalse();
    assertThat(isThere("edited", "other/r-1.png")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "pictures, shop/cat.png, false",
    "pictures, shop/uploads/holiday.png, false",
    "pictures, abababababababababababababababababababab.png, false",
    "edited, shop/r-1.png, false",
    "edited, shop/notes.txt, true",
    "edited, r-1.png, true"
  })
  void whatIsNotOursStays(String bucket, String key, boolean isResult) throws Exception {
    start("* 1h 1h\n");
    write(bucket, key, isResult ? OURS : Map.of());

    pass(Duration.ofDays(30));

    assertThat(isThere(bucket, key)).isTrue();
    assertThat(deleted.isEmpty()).isTrue();
  }

  @Test
  void whatAnOpenRequestNeedsStaysUntilItsEnd() throws Exception {
    start("* 1h 1h\n");
    String source = "s3://pictures/" + UPLOAD;
    String mask = "s3://pictures/shop/" + "cd".repeat(20) + ".png";
    write("pictures", UPLOAD, Map.of());
    write("pictures", ObjectName.parse(mask).key(), Map.of());
    write("edited", "shop/first.png", OURS); // that the second builds on
    write("edited", "shop/second.png", OURS); // its own, which is held
    write("edited", "shop/third.png", OURS);
    requests.pipeInput(source, request("first", source, mask));
    requests.pipeInput("first", request("second", "request:first", null));
    requests.pipeInput("third", request("third", "s3://edited/shop/first.png", null));

    pass(Duration.ofDays(2));
    List<ImageDeleted> open = deleted.readValuesToList();
    completed.pipeInput("first", end(request("first", source, mask)));
    pass(Duration.ofDays(1));
    List<ImageDeleted> firstEnded = deleted.readValuesToList();
    failed.pipeInput("second", failure("second"));
    failed.pipeInput("third", failure("third"));
    pass(Duration.ofDays(1));

    assertThat(open).isEmpty();
    assertThat(firstEnded)
        .extracting(ImageDeleted::getObject)
        .containsExactlyInAnyOrder(source, mask);
    assertThat(deleted.readValuesToList())
        .extracting(ImageDeleted::getObject)
        .containsExactlyInAnyOrder(
            "s3://edited/shop/first.png",
            "s3://edited/shop/second.png",
            "s3://edited/shop/third.png");
  }

  @Test
  void aRequestThatIsSeenAfterItsEndHoldsNothing() throws Exception {
    start("* 1h 1h\n");
    String source = "s3://pictures/" + UPLOAD;
    write("pictures", UPLOAD, Map.of());
    completed.pipeInput("r-1", end(request("r-1", source, null)));
    requests.pipeInput(source, request("r-1", source, null));

    pass(Duration.ofDays(1));

    assertThat(deleted.readValuesToList()).hasSize(1);
  }

  @Test
  void nothingIsJudgedBeforeAllRequestsAreRead() throws Exception {
    start("* 1h 1h\n");
    String source = "s3://pictures/" + UPLOAD;
    write("pictures", UPLOAD, Map.of());
    isCaughtUp = false;

    pass(Duration.ofDays(1));
    requests.pipeInput(source, request("late", source, null));
    isCaughtUp = true;
    pass(Duration.ofMinutes(30));

    assertThat(isThere("pictures", UPLOAD)).isTrue();
    assertThat(deleted.isEmpty()).isTrue();
  }

  @Test
  void anUploadThatComesAgainBeginsAgain() throws Exception {
    start("* 1d 1d\n");
    write("pictures", UPLOAD, Map.of());
    pass(Duration.ofHours(20));
    write("pictures", UPLOAD, Map.of());

    pass(Duration.ofHours(20));

    assertThat(isThere("pictures", UPLOAD)).isTrue();
  }

  @Test
  void aChangedFileIsReadAgainAndABrokenOneIsNot() throws Exception {
    start("* keep keep\n");
    Path file = folder.resolve("retention");
    write("pictures", UPLOAD, Map.of());
    rewrite(file, "* 1h nonsense\n");
    pass(Duration.ofDays(1));
    boolean afterNonsense = isThere("pictures", UPLOAD);
    rewrite(file, "* 1h 1h\n");

    pass(Duration.ofDays(1));

    assertThat(afterNonsense).isTrue();
    assertThat(isThere("pictures", UPLOAD)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shop 1d | must be: tenant or *",
        "sh/op 1d 1d | 'sh/op' is no tenant's name",
        "shop soon 1d | 'soon' is no time",
        "shop 0s 1d | '0s' is no time",
        "shop -1d 1d | '-1d' is no time"
      })
  void aFileThatIsNotSoIsRefusedWithItsLine(String line, String why) throws Exception {
    Path file = Files.writeString(folder.resolve("refused"), "# ours\n" + line + "\n");

    assertThatThrownBy(() -> RetentionRules.read(file.toString()))
        .hasMessageContaining("line 2: ")
        .hasMessageContaining(why);
  }

  private static void rewrite(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setLastModifiedTime(
        file,
        FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() + 2000 + text.length()));
  }

  private void write(String bucket, String key, Map<String, String> metadata) {
    store.write(new ObjectName(bucket, key), new byte[] {1}, "image/png", metadata);
  }

  private boolean isThere(String bucket, String key) {
    return store.metadata(new ObjectName(bucket, key)).isPresent();
  }

  /** Lets time go by, and the turns that follow. */
  private void pass(Duration time) {
    for (Duration step : List.of(time, Duration.ofMinutes(11), Duration.ofMinutes(11))) {
      now = now.plus(step);
      driver.advanceWallClockTime(step);
      for (int i = 0; i < 10; i++) {
        now = now.plusSeconds(1);
        driver.advanceWallClockTime(Duration.ofSeconds(1));
      }
    }
  }

  private EditRequested request(String id, String source, String mask) {
    return EditRequested.newBuilder()
        .setRequestId(id)
        .setTenant("shop")
        .setSource(source)
        .setInstruction("remove the cat")
        .setSessionId("s-1")
        .setOptions(EditSettings.newBuilder().setMask(mask).build())
        .setRequestedAt(now)
        .build();
  }

  private EditCompleted end(EditRequested request) {
    return EditCompleted.newBuilder()
        .setRequestId(request.getRequestId())
        .setTenant("shop")
        .setResult(
            EditResult.newBuilder()
                .setOutput("s3://edited/shop/" + request.getRequestId() + ".png")
                .setBytes(1)
                .setSha256("00")
                .setWidth(8)
                .setHeight(8)
                .build())
        .setRequest(request)
        .setCost(Costs.NOTHING)
        .setWorker("w")
        .setModel("m")
        .setVersion("1")
        .setFinishedAt(now)
        .build();
  }

  private EditFailed failure(String id) {
    return EditFailed.newBuilder()
        .setRequestId(id)
        .setTenant("shop")
        .setStatus(Status.FAILED)
        .setFailure(Failure.newBuilder().setKind(FailureKind.INTERNAL).setMessage("why").build())
        .setCost(Costs.NOTHING)
        .setWorker("w")
        .setFinishedAt(now)
        .build();
  }
}
