package io.smartedit.sink.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.ModelWaiting;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.Priority;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.events.WorkerAnnounced;
import io.smartedit.service.Pauses;
import io.smartedit.service.WorkerDirectory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Time, and who serves what, are the test's. */
final class RoutingTopologyTest {

  private static final Instant START = Instant.parse("2026-11-25T12:00:00Z");
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Set<String> withdrawn = new HashSet<>();
  private final Clock clock = new DriversClock();
  private final WorkerDirectory workers = new WorkerDirectory(registry, clock);
  private final Pauses pauses = new Pauses(registry);
  private Optional<Instant> since = Optional.of(START.minusSeconds(60));
  private final TopologyTestDriver driver =
      new TopologyTestDriver(
          RoutingTopology.build(
              new RoutingSettings(PATIENCE, "gpu-workers"),
              registry,
              new Knowledge.Facts(
                  workers,
                  pauses,
                  request -> withdrawn.contains(request.getRequestId()),
                  () -> since),
              meters),
          new Properties(),
          START);
  private final TestInputTopic<String, byte[]> named =
      driver.createInputTopic(Topics.NAMED, new StringSerializer(), new ByteArraySerializer());
  private final TestInputTopic<String, byte[]> paused =
      driver.createInputTopic(Topics.PAUSED, new StringSerializer(), new ByteArraySerializer());
  private final TestOutputTopic<String, EditOutcome> outcomes =
      output(Topics.OUTCOMES, EditOutcome.getClassSchema());

  private Instant now = START;

  private final class DriversClock extends Clock {
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
  }

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aRequestGoesAtOnceToTheTopicOfItsModelAndPriority() {
    announce("w-1", "photo");

    send(request("r-1", "photo").setSessionId("s").build());
    send(request("r-2", "photo").setPriority(Priority.BULK).build());

    var normal = on("edits.requested.model.photo").readKeyValuesToList();
    assertThat(normal).singleElement().satisfies(one -> assertThat(one.key).isEqualTo("s"));
    assertThat(ids("edits.requested.bulk.model.photo")).containsExactly("r-2");
    assertThat(outcomes.isEmpty()).isTrue();
  }

  @Test
  void whatNobodyServesWaitsAndGoesOnInItsOrderOnceSomebodyDoes() {
    announce("w-1", "photo");
    for (int i = 0; i < 3; i++) {
      send(request("r-" + i, "sketch").build());
    }
    pass(Duration.ofMinutes(9));
    assertThat(waiting("sketch")).isEqualTo(3);

    announce("w-2", "sketch");
    send(request("r-3", "sketch").build()); // before those who wait were put back
    pass(ModelRouter.PAUSE);
    send(request("r-4", "sketch").build());

    assertThat(ids("edits.requested.model.sketch"))
        .containsExactly("r-0", "r-1", "r-2", "r-3", "r-4");
    assertThat(waiting("sketch")).isZero();
    assertThat(outcomes.isEmpty()).isTrue();
  }

  /** By which a scaler wakes a model's workers. */
  @Test
  void howManyWaitForAModelIsToldWheneverItChanges() {
    TestOutputTopic<String, ModelWaiting> told =
        output(Topics.WAITING, ModelWaiting.getClassSchema());
    send(request("r-1", "oil").build());
    send(request("r-2", "oil").build());
    send(request("r-3", "sketch").build());
    pass(ModelRouter.PAUSE);
    pass(ModelRouter.PAUSE);
    announce("w-2", "sketch");
    pass(ModelRouter.PAUSE);

    assertThat(told.readKeyValuesToList())
        .extracting(one -> one.key + " " + one.value.getRequests())
        .containsExactly("oil/0 2", "sketch/0 1", "sketch/0 0");
  }

  @Test
  void aModelThatRestsWakesNoWorkers() {
    TestOutputTopic<String, ModelWaiting> told =
        output(Topics.WAITING, ModelWaiting.getClassSchema());
    pause(PauseScope.MODEL, "oil");
    pause(PauseScope.TENANT, "default");
    send(request("r-1", "oil").build());
    send(request("r-2", "sketch").build());
    pass(ModelRouter.PAUSE);
    resume(Topics.pauseKey(PauseScope.MODEL, "oil"));
    pass(ModelRouter.PAUSE);

    assertThat(told.readKeyValuesToList())
        .extracting(one -> one.key + " " + one.value.getRequests())
        .containsExactly("sketch/0 1", "oil/0 1");
  }

  @Test
  void whatNobodyServesForTooLongIsRejectedOnceWithTheReason() {
    send(request("r-1", "oil").build());
    for (int minute = 0; minute < 12; minute++) {
      announce("w-1", "photo");
      pass(Duration.ofMinutes(1));
    }

    assertThat(outcomes.readKeyValuesToList())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.key).isEqualTo("r-1");
              assertThat(one.value.getStatus()).isEqualTo(Status.REJECTED);
              assertThat(one.value.getModel()).isEqualTo("oil");
              assertThat(one.value.getCost().getQueued()).isBetween(600.0, 700.0);
              assertThat(one.value.getFailure().getMessage())
                  .isEqualTo(
                      "model is oil, which no worker has announced for 600 s; announced are:"
                          + " photo");
            });
  }

  @Test
  void nothingIsRejectedBeforeEveryWorkerThatLivesCouldBeHeard() {
    send(request("r-1", "photo").build());
    since = Optional.empty(); // the broker is away
    pass(Duration.ofHours(1));
    since = Optional.of(now);
    pass(Duration.ofSeconds(14));
    announce("w-1", "photo");
    pass(Duration.ofSeconds(2));

    assertThat(ids("edits.requested.model.photo")).containsExactly("r-1");
    assertThat(outcomes.isEmpty()).isTrue();
  }

  @Test
  void whatWaitsEndsAsItsClientAndItsDeadlineSay() {
    send(request("r-1", "oil").build());
    send(request("r-2", "oil").setDeadline(START.plusSeconds(60)).build());
    send(request("r-3", "oil").build());
    withdrawn.add("r-1");
    pass(Duration.ofSeconds(61));

    assertThat(outcomes.readValuesToList())
        .extracting(outcome -> outcome.getRequestId() + " " + outcome.getStatus())
        .containsExactlyInAnyOrder("r-1 CANCELLED", "r-2 EXPIRED");
    assertThat(waiting("oil")).isEqualTo(1);
  }

  @Test
  void manyThatWaitAreAllHandedOnInTheirOrder() {
    int many = 2 * ModelRouter.SLICE + 1;
    for (int i = 0; i < many; i++) {
      send(request("r-" + i, "photo").build());
    }
    announce("w-1", "photo");
    for (int turn = 0; turn < 3; turn++) {
      pass(ModelRouter.PAUSE);
    }

    List<String> ids = ids("edits.requested.model.photo");
    assertThat(ids).hasSize(many).startsWith("r-0", "r-1").endsWith("r-" + (many - 1));
  }

  @Test
  void whatIsNoProperRequestIsAnsweredAndWhatNamesNoModelGoesToAll() {
    named.pipeInput("k", new byte[] {1, 2, 3});
    send(request("r-1", "../photo").build());
    send(request("r-2", "any").clearModel().build());

    List<EditOutcome> ends = outcomes.readValuesToList();
    assertThat(ends)
        .extracting(EditOutcome::getRequestId)
        .containsExactly(Topics.NAMED + "-0-0", "r-1");
    assertThat(ends).extracting(EditOutcome::getStatus).containsOnly(Status.REJECTED);
    assertThat(ends.get(1).getFailure().getMessage()).startsWith("model must have 1 to 64");
    assertThat(ids(Topics.REQUESTED)).containsExactly("r-2");
  }

  @Test
  void whatRestsGoesBackInItsOrderToWhereItCameFromOnceItRestsNoLonger() {
    pause(PauseScope.TENANT, "default");
    int many = PausedRequests.SLICE + 2;
    for (int i = 0; i < many; i++) {
      park(request("r-" + i, "photo").clearModel().build());
    }
    park(request("named", "photo").build());
    park(request("other", "photo").clearModel().setTenant("press").build());
    for (int turn = 0; turn < 4; turn++) {
      pass(PausedRequests.PAUSE);
    }
    assertThat(ids(Topics.REQUESTED)).containsExactly("other");
    assertThat(resting("default")).isEqualTo(many + 1);

    resume("tenants/default");
    for (int turn = 0; turn < 4; turn++) {
      pass(PausedRequests.PAUSE);
    }

    assertThat(ids(Topics.REQUESTED))
        .hasSize(many)
        .startsWith("r-0", "r-1")
        .endsWith("r-" + (many - 1));
    assertThat(ids(Topics.NAMED)).containsExactly("named");
    assertThat(resting("default")).isZero();
    assertThat(outcomes.isEmpty()).isTrue();
  }

  @Test
  void whatRestsEndsAsItsClientAndItsDeadlineSay() {
    pause(PauseScope.ALL, "");
    park(request("r-1", "photo").build());
    park(request("r-2", "photo").setDeadline(START.plusSeconds(60)).build());
    park(request("r-3", "photo").build());
    park(request("r-4", "../photo").build());
    withdrawn.add("r-1");
    pass(Duration.ofSeconds(61));

    assertThat(outcomes.readValuesToList())
        .extracting(outcome -> outcome.getRequestId() + " " + outcome.getStatus())
        .containsExactlyInAnyOrder("r-1 CANCELLED", "r-2 EXPIRED", "r-4 REJECTED");
    assertThat(resting("default")).isEqualTo(1);
  }

  @Test
  void nothingGoesBackBeforeItIsKnownWhatRests() {
    since = Optional.empty();
    park(request("r-1", "photo").clearModel().build());
    pass(Duration.ofMinutes(1));
    assertThat(ids(Topics.REQUESTED)).isEmpty();

    since = Optional.of(now);
    pass(PausedRequests.PAUSE);

    assertThat(ids(Topics.REQUESTED)).containsExactly("r-1");
  }

  @Test
  void theTimeThatAModelRestsIsNoneInWhichItIsWaitedFor() {
    pause(PauseScope.MODEL, "oil");
    send(request("r-1", "oil").build());
    for (int minute = 0; minute < 60; minute++) {
      announce("w-1", "photo");
      pass(Duration.ofMinutes(1));
    }
    resume("models/oil");
    pass(Duration.ofMinutes(8));
    assertThat(outcomes.isEmpty()).isTrue();

    for (int minute = 0; minute < 3; minute++) {
      announce("w-1", "photo");
      pass(Duration.ofMinutes(1));
    }

    assertThat(outcomes.readValue().getStatus()).isEqualTo(Status.REJECTED);
  }

  private void pause(PauseScope scope, String name) {
    Paused event = Paused.newBuilder().setScope(scope).setName(name).setAt(START).build();
    byte[] bytes = new EventSerializer<>(registry).serialize(Topics.PAUSES, event);
    pauses.read(Topics.pauseKey(scope, name), bytes, now);
  }

  private void resume(String key) {
    pauses.read(key, null, now);
  }

  private void park(EditRequested request) {
    byte[] bytes = new EventSerializer<>(registry).serialize(Topics.PAUSED, request);
    paused.pipeInput(Topics.key(request), bytes == null ? new byte[0] : bytes);
  }

  private double resting(String tenant) {
    var gauge = meters.find("smartedit.sink.paused").tag("tenant", tenant).gauge();
    return gauge == null ? 0 : gauge.value();
  }

  private void announce(String worker, String model) {
    WorkerAnnounced event =
        WorkerAnnounced.newBuilder()
            .setWorker(worker)
            .setModel(model)
            .setValidMillis(90_000)
            .setSince(START)
            .build();
    workers.read(worker, new EventSerializer<>(registry).serialize(Topics.WORKERS, event), now);
  }

  private void pass(Duration time) {
    now = now.plus(time);
    driver.advanceWallClockTime(time);
  }

  private void send(EditRequested request) {
    byte[] bytes = new EventSerializer<>(registry).serialize(Topics.NAMED, request);
    named.pipeInput(Topics.key(request), bytes == null ? new byte[0] : bytes);
  }

  private double waiting(String model) {
    var gauge = meters.find("smartedit.sink.waiting").tag("model", model).gauge();
    return gauge == null ? 0 : gauge.value();
  }

  private List<String> ids(String topic) {
    return on(topic).readValuesToList().stream().map(EditRequested::getRequestId).toList();
  }

  private TestOutputTopic<String, EditRequested> on(String topic) {
    return output(topic, EditRequested.getClassSchema());
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> output(
      String topic, Schema schema) {
    return driver.createOutputTopic(
        topic, new StringDeserializer(), new EventDeserializer<>(registry, schema));
  }

  private static EditRequested.Builder request(String id, String model) {
    return EditRequested.newBuilder()
        .setRequestId(id)
        .setSource("s3://pictures/a.png")
        .setInstruction("remove the cat")
        .setModel(model)
        .setOptions(EditSettings.newBuilder().build())
        .setRequestedAt(START);
  }
}
