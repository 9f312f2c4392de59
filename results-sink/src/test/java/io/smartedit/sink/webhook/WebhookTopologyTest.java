package io.smartedit.sink.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.OutgoingCall;
import io.smartedit.events.Ruling;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.sink.Costs;
import io.smartedit.sink.calls.CallHttp;
import io.smartedit.store.PublicAddresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import okhttp3.Dns;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks over a real network to a real receiver; time is the test's. */
@NullUnmarked // start fills the fields
final class WebhookTopologyTest {

  private static final String SECRET = secret("a secret of the shop's own..");
  private static final String NEXT = secret("the secret that comes after.");
  private static final String STRANGER = secret("whoever else has a secret...");

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private Instant now = Instant.now();
  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return now;
        }

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }
      };

  @TempDir private Path folder = Path.of("");
  private Receiver receiver;
  private CallHttp http;
  private TopologyTestDriver driver;
  private TestInputTopic<String, EditFailed> failed;
  private TestOutputTopic<String, OutgoingCall> dead;

  @BeforeEach
  void open() throws IOException {
    receiver = new Receiver();
  }

  @AfterEach
  void close() {
    driver.close();
    http.close();
    receiver.close();
  }

  private void start(String lines, Map<String, String> own) throws IOException {
    start(lines, own, Dns.SYSTEM);
  }

  private void start(String lines, Map<String, String> own, Dns names) throws IOException {
    Path file = Files.writeString(folder.resolve("webhooks"), lines);
    Map<String, String> given =
        new HashMap<>(Map.of("webhooks.file", file.toString(), "webhook.allow-private", "true"));
    given.putAll(own);
    WebhookSettings settings = WebhookSettings.of(Settings.read(WebhookSettings.DECLARED, given));
    http = new CallHttp(names, settings.timeout());
    driver =
        new TopologyTestDriver(
            WebhookTopology.build(settings, registry, http, new SimpleMeterRegistry(), clock),
            new Properties(),
            now);
    failed =
        driver.createInputTopic(
            Topics.FAILED, new StringSerializer(), new EventSerializer<>(registry));
    dead =
        driver.createOutputTopic(
            Topics.DEAD_WEBHOOKS,
            new StringDeserializer(),
            new EventDeserializer<>(registry, OutgoingCall.getClassSchema()));
  }

  @Test
  void aTenantIsToldAndItsLibraryBelievesTheSignatureAndNoStrangers() throws Exception {
    start("shop " + receiver.url() + "/hook " + SECRET, Map.of());

    failed.pipeInput("r-1", event("shop", "r-1", null));
    failed.pipeInput("r-2", event("other", "r-2", null));
    until(() -> receiver.messages.size() == 1);

    Receiver.Message message = receiver.messages.get(0);
    assertThat(message.body()).startsWith("{\"type\":\"edit.failed\",\"timestamp\":\"");
    assertThat(message.body()).contains("\"requestId\":\"r-1\"", "no such key");
    new Webhook(SECRET).verify(message.body(), message.headers());
    assertThatThrownBy(() -> new Webhook(STRANGER).verify(message.body(), message.headers()))
        .isInstanceOf(WebhookVerificationException.class);
    assertThatThrownBy(() -> new Webhook(SECRET).verify(message.body() + " ", message.headers()))
        .isInstanceOf(WebhookVerificationException.class);
  }

  @Test
  void aBatchsEndAHeldResultAndADeletionAreToldAndSignedInTheSameWay() throws Exception {
    start("shop " + receiver.url() + "/hook " + SECRET, Map.of());
    TestInputTopic<String, BatchCompleted> batches = input(Topics.BATCHES);
    TestInputTopic<String, ImageDeleted> deleted = input(Topics.DELETED);
    TestInputTopic<String, EditVerdict> verdicts = input(Topics.VERDICTS);

    batches.pipeInput("shop/b-1", batchEnd("shop", now));
    batches.pipeInput("other/b-1", batchEnd("other", now));
    batches.pipeInput("shop/b-1", batchEnd("shop", now.minus(Duration.ofDays(2)))); // long past
    verdicts.pipeInput("r-1", verdict(Ruling.HOLD));
    verdicts.pipeInput("r-1", verdict(Ruling.ALLOW));
    deleted.pipeInput("r-1", deletion("s3://edited/shop/r-1.png", "r-1"));
    deleted.pipeInput("a.png", deletion("s3://pictures/shop/a.png", ""));
    until(() -> receiver.messages.size() == 4);

    assertThat(receiver.messages)
        .extracting(message -> message.body().replaceAll("\\{\"type\":\"([a-z.]+).*", "$1"))
        .containsExactlyInAnyOrder(
            "batch.completed", "edit.held", "image.deleted", "image.deleted");
    for (Receiver.Message message : receiver.messages) {
      new Webhook(SECRET).verify(message.body(), message.headers());
    }
    assertThat(ids()).hasSize(4);
    assertThat(receiver.messages)
        .anyMatch(message -> message.body().contains("\"counts\":{\"EDITED\":2}"))
        .anyMatch(message -> message.body().contains("\"policy\":\"faces\""))
        .anyMatch(message -> message.body().contains("\"reason\":\"retention\""));
  }

  @Test
  void aRequestsImagesAreToldDeletedAfterItsEnd() throws Exception {
    start("shop " + receiver.url() + " " + SECRET, Map.of());
    Set<String> refusedOnce = ConcurrentHashMap.newKeySet();
    receiver.answer(
        message -> message.body().contains("failed") && refusedOnce.add("x") ? 400 : 200);
    TestInputTopic<String, ImageDeleted> deleted = input(Topics.DELETED);

    failed.pipeInput("r-1", event("shop", "r-1", null));
    deleted.pipeInput("r-1", deletion("s3://edited/shop/r-1.png", "r-1"));
    pass(Duration.ofSeconds(2), () -> receiver.messages.size() == 2);

    assertThat(receiver.messages)
        .extracting(message -> message.body().replaceAll("\\{\"type\":\"([a-z.]+).*", "$1"))
        .containsExactly("edit.failed", "image.deleted");
  }

  private <T extends SpecificRecord> TestInputTopic<String, T> input(String topic) {
    return driver.createInputTopic(topic, new StringSerializer(), new EventSerializer<T>(registry));
  }

  private static BatchCompleted batchEnd(String tenant, Instant at) {
    return BatchCompleted.newBuilder()
        .setBatch("b-1")
        .setTenant(tenant)
        .setLines(2)
        .setRefused(0)
        .setCounts(Map.of("EDITED", 2L))
        .setOpenedAt(at)
        .setFinishedAt(at)
        .build();
  }

  private EditVerdict verdict(Ruling ruling) {
    return EditVerdict.newBuilder()
        .setRequestId("r-1")
        .setTenant("shop")
        .setRuling(ruling)
        .setPolicy("faces")
        .setBy("policy")
        .setAt(now)
        .build();
  }

  private ImageDeleted deletion(String object, String requestId) {
    return ImageDeleted.newBuilder()
        .setObject(object)
        .setTenant("shop")
        .setRequestId(requestId)
        .setReason("retention")
        .setAt(now)
        .build();
  }

  @Test
  void whileASecretIsReplacedBothSign() throws Exception {
    start("shop " + receiver.url() + " " + SECRET + " " + NEXT, Map.of());

    failed.pipeInput("r-1", event("shop", "r-1", null));
    until(() -> receiver.messages.size() == 1);

    Receiver.Message message = receiver.messages.get(0);
    new Webhook(SECRET).verify(message.body(), message.headers());
    new Webhook(NEXT).verify(message.body(), message.headers());
  }

  @Test
  void aReceiverThatWasDownForTenMinutesGetsEveryEventWhenItIsBack() throws Exception {
    start("shop " + receiver.url() + " " + SECRET, Map.of());
    receiver.answer(message -> 503);
    for (int i = 0; i < 300; i++) {
      failed.pipeInput("r-" + i, event("shop", "r-" + i, null));
    }
    Instant back = now.plus(Duration.ofMinutes(10));
    pass(Duration.ofSeconds(2), () -> now.isAfter(back));
    assertThat(receiver.messages).isEmpty();

    receiver.answer(message -> 204);
    pass(Duration.ofSeconds(2), () -> ids().size() == 300);

    assertThat(receiver.messages).as("each once").hasSize(300);
    assertThat(now).isBefore(back.plus(Duration.ofMinutes(12)));
    assertThat(dead.isEmpty()).isTrue();
  }

  @Test
  void oneThatHangsOrIsDownHoldsUpNobodyElse() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    try (Receiver slow = new Receiver();
        Receiver down = new Receiver()) {
      start(
          String.join(
              "\n",
              "slow " + slow.url() + " " + SECRET,
              "down " + down.url() + " " + SECRET,
              "shop " + receiver.url() + " " + SECRET),
          Map.of());
      slow.answer(message -> awaited(hanging));
      down.hangUp();
      for (int i = 0; i < 200; i++) {
        failed.pipeInput("s-" + i, event("slow", "s-" + i, null));
        failed.pipeInput("d-" + i, event("down", "d-" + i, null));
      }

      for (int i = 0; i < 50; i++) {
        failed.pipeInput("r-" + i, event("shop", "r-" + i, null));
      }
      until(() -> ids().size() == 50);

      assertThat(slow.messages).isEmpty();
      hanging.countDown();
      pass(Duration.ofMillis(200), () -> slow.messages.size() >= 200);
    }
  }

  @Test
  void eventsOfOneRequestKeepTheirOrderAndOthersOvertakeThem() throws Exception {
    start("shop " + receiver.url() + " " + SECRET, Map.of());
    Set<String> refusedOnce = ConcurrentHashMap.newKeySet();
    receiver.answer(
        message -> message.body().contains("first") && refusedOnce.add("x") ? 400 : 200);

    failed.pipeInput("r-1", event("shop", "r-1", "first"));
    failed.pipeInput("r-1", event("shop", "r-1", "second"));
    failed.pipeInput("r-2", event("shop", "r-2", "other"));
    until(() -> receiver.messages.size() == 1);
    pass(Duration.ofSeconds(2), () -> receiver.messages.size() == 3);

    assertThat(receiver.messages)
        .extracting(message -> message.body().replaceAll(".*\"message\":\"(\\w+).*", "$1"))
        .containsExactly("other", "first", "second");
  }

  @Test
  void whatNobodyTakesInADayIsADeadLetterWithTheReason() throws Exception {
    start("shop " + receiver.url() + " " + SECRET, Map.of());
    receiver.answer(message -> 302); // a redirect is no answer, and is not followed

    failed.pipeInput("r-1", event("shop", "r-1", null));
    pass(Duration.ofMinutes(2), () -> !dead.isEmpty());

    assertThat(dead.readValue().getLastError()).contains("1440 min").contains("HTTP 302");
    assertThat(receiver.messages).isEmpty();
  }

  @Test
  void aRequestMayNameItsOwnWhereItsHostIsAllowedAndItsTenantHasASecret() throws Exception {
    start("shop requests " + SECRET + "\n* requests " + NEXT, Map.of("webhook.hosts", "*"));

    failed.pipeInput("r-1", withWebhook("shop", "r-1", receiver.url() + "/a"));
    failed.pipeInput("r-2", withWebhook("other", "r-2", receiver.url() + "/b"));
    until(() -> receiver.messages.size() == 2);

    for (Receiver.Message message : receiver.messages) {
      String secret = message.body().contains("shop") ? SECRET : NEXT;
      new Webhook(secret).verify(message.body(), message.headers());
    }
  }

  @Test
  void whatMayNotBeCalledIsADeadLetterAtOnce() throws Exception {
    start(
        "shop requests " + SECRET + "\nother https://hook.example.com " + SECRET,
        Map.of("webhook.hosts", "*.example.com", "webhook.allow-private", "false"),
        new PublicAddresses(host -> Dns.SYSTEM.lookup("127.0.0.1"))); // a name that leads home

    failed.pipeInput("r-1", withWebhook("shop", "r-1", "https://hook.example.com/"));
    failed.pipeInput("r-2", withWebhook("shop", "r-2", "https://127.0.0.1/"));
    failed.pipeInput("r-3", withWebhook("shop", "r-3", receiver.url()));
    failed.pipeInput("r-4", withWebhook("nobody", "r-4", "https://hook.example.com/"));
    failed.pipeInput("r-5", event("other", "r-5", null));

    Map<String, String> why = new HashMap<>();
    pass(
        Duration.ofMillis(100),
        () -> {
          dead.readValuesToList()
              .forEach(call -> why.put(call.getRequestId(), call.getLastError()));
          return why.size() == 5;
        });
    assertThat(why.get("r-1")).contains("not on the open internet");
    assertThat(why.get("r-2")).contains("https://HOST/PATH");
    assertThat(why.get("r-3")).contains("https://HOST/PATH");
    assertThat(why.get("r-4")).contains("no secret");
    assertThat(why.get("r-5")).contains("not on the open internet");
  }

  private static int awaited(CountDownLatch latch) {
    try {
      latch.await();
      return 200;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 500;
    }
  }

  private Set<String> ids() {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    receiver.messages.forEach(message -> ids.add(message.id()));
    return ids;
  }

  /** Lets the network go on, and time hardly. */
  private void until(BooleanSupplier done) {
    pass(Duration.ofMillis(100), done);
  }

  /** Lets time go on in steps, as fast as the machine can, until something is so. */
  private void pass(Duration step, BooleanSupplier done) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              now = now.plus(step);
              driver.advanceWallClockTime(step);
              return done.getAsBoolean();
            });
  }

  private EditFailed event(String tenant, String id, @Nullable String message) {
    return EditFailed.newBuilder()
        .setRequestId(id)
        .setTenant(tenant)
        .setStatus(Status.REJECTED)
        .setFailure(
            Failure.newBuilder()
                .setKind(FailureKind.REJECTED)
                .setMessage(message == null ? "no such key" : message)
                .build())
        .setCost(Costs.NOTHING)
        .setWorker("w")
        .setFinishedAt(now)
        .build();
  }

  private EditFailed withWebhook(String tenant, String id, String url) {
    EditRequested request =
        EditRequested.newBuilder()
            .setRequestId(id)
            .setTenant(tenant)
            .setSource("s3://pictures/a.png")
            .setInstruction("remove the cat")
            .setRequestedAt(now)
            .setWebhook(url)
            .build();
    return EditFailed.newBuilder(event(tenant, id, null)).setRequest(request).build();
  }

  private static String secret(String text) {
    return "whsec_" + Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
