package io.smartedit.sink.moderation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Ruling;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.sink.Costs;
import io.smartedit.sink.calls.CallHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import okhttp3.Dns;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The policy is a real HTTP server; time is the test's. */
@NullUnmarked // start fills the fields
final class ModerationTopologyTest {

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile String answer = "";
  private HttpServer policy;
  private CallHttp http;
  private TopologyTestDriver driver;
  private TestInputTopic<String, EditReview> reviews;
  private TestOutputTopic<String, EditVerdict> verdicts;

  private void start(Map<String, String> own) throws IOException {
    policy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    policy.createContext(
        "/",
        exchange -> {
          asked.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    policy.start();
    String url = "http://127.0.0.1:" + policy.getAddress().getPort() + "/verdict";
    Map<String, String> given = new HashMap<>(Map.of("moderation.url", url));
    given.putAll(own);
    ModerationSettings settings =
        ModerationSettings.of(Settings.read(ModerationSettings.DECLARED, given));
    http = new CallHttp(Dns.SYSTEM, settings.timeout());
    driver =
        new TopologyTestDriver(
            ModerationTopology.build(
                settings,
                registry,
                http,
                place -> Optional.of(URI.create("https://store.example.com/" + place.length())),
                new SimpleMeterRegistry(),
                Clock.systemUTC()),
            new Properties(),
            Instant.now());
    reviews =
        driver.createInputTopic(
            Topics.REVIEW, new StringSerializer(), new EventSerializer<>(registry));
    verdicts =
        driver.createOutputTopic(
            Topics.VERDICTS,
            new StringDeserializer(),
            new EventDeserializer<>(registry, EditVerdict.getClassSchema()));
  }

  @AfterEach
  void close() {
    driver.close();
    http.close();
    policy.stop(0);
  }

  @Test
  void thePolicySeesSourceInstructionAndResultAndItsAnswerIsTheVerdict() throws Exception {
    start(Map.of());
    answer = "{\"verdict\": \"block\", \"policy\": \"faces-7\", \"reason\": \"a child\"}";

    reviews.pipeInput("r-1", review("r-1"));
    EditVerdict verdict = verdict(Duration.ofMillis(100));

    assertThat(verdict.getRuling()).isEqualTo(Ruling.BLOCK);
    assertThat(verdict.getPolicy()).isEqualTo("faces-7");
    assertThat(verdict.getReason()).isEqualTo("a child");
    assertThat(asked.get(0))
        .contains(
            "\"instruction\":\"remove the cat\"",
            "\"source\":\"s3://pictures/a.png\"",
            "\"result\":\"s3://edited/default/r-1.png\"",
            "\"links\":{\"source\":\"https://store.example.com/");
  }

  @Test
  void aPolicyThatWasAwayOrAnsweredNonsenseIsAskedAgain() throws Exception {
    start(Map.of());
    status = 503;
    reviews.pipeInput("r-1", review("r-1"));
    until(Duration.ofSeconds(1), () -> asked.size() >= 2);
    status = 200;
    answer = "<html>";
    int before = asked.size();
    until(Duration.ofSeconds(1), () -> asked.size() > before);

    answer = "{\"verdict\": \"allow\"}";

    assertThat(verdict(Duration.ofSeconds(1)).getRuling()).isEqualTo(Ruling.ALLOW);
  }

  @Test
  void whatAPolicyDoesNotAnswerForIsHeld() throws Exception {
    start(Map.of());
    status = 500;
    reviews.pipeInput("r-1", review("r-1"));

    EditVerdict verdict = verdict(Duration.ofSeconds(30));

    assertThat(verdict.getRuling()).isEqualTo(Ruling.HOLD);
    assertThat(verdict.getBy()).isEqualTo("sink");
    assertThat(verdict.getReason()).contains("10 min", "HTTP 500");
  }

  @Test
  void orBlockedWhereTheOperatorWishes() throws Exception {
    start(Map.of("moderation.fallback", "block"));
    status = 500;
    reviews.pipeInput("r-1", review("r-1"));

    assertThat(verdict(Duration.ofSeconds(30)).getRuling()).isEqualTo(Ruling.BLOCK);
  }

  private EditVerdict verdict(Duration step) {
    until(step, () -> !verdicts.isEmpty());
    return verdicts.readValue();
  }

  private void until(Duration step, BooleanSupplier done) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              driver.advanceWallClockTime(step);
              return done.getAsBoolean();
            });
  }

  private static EditReview review(String id) {
    EditRequested request =
        EditRequested.newBuilder()
            .setRequestId(id)
            .setSource("s3://pictures/a.png")
            .setInstruction("remove the cat")
            .setRequestedAt(Instant.ofEpochMilli(1))
            .build();
    EditOutcome outcome =
        EditOutcome.newBuilder()
            .setRequestId(id)
            .setTenant("default")
            .setStatus(Status.EDITED)
            .setRequest(request)
            .setResult(
                EditResult.newBuilder()
                    .setOutput("s3://edited/default/" + id + ".png")
                    .setBytes(10)
                    .setSha256("00")
                    .setWidth(8)
                    .setHeight(8)
                    .build())
            .setCost(Costs.NOTHING)
            .setWorker("w")
            .setModel("m")
            .setVersion("v")
            .setSeed(0)
            .setFinishedAt(Instant.ofEpochMilli(2))
            .build();
    return EditReview.newBuilder()
        .setRequestId(id)
        .setTenant("default")
        .setOutcome(outcome)
        .setAt(Instant.ofEpochMilli(3))
        .build();
  }
}
