package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.SmartEditImageEditor;
import io.smartedit.worker.Worker;
import io.smartedit.worker.WorkerSettings;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two models, a worker each, and a third model that nobody has. */
final class ModelsStreamTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void eachModelsWorkerEditsItsRequestsAndWhatNobodyHasWaitsAndFailsWithTheReason()
      throws Exception {
    try (ApiStream api = new ApiStream(folder, Map.of("models.patience", "10s"));
        EventStream events = new EventStream(api.stream.endpoints(), true)) {
      api.submit(ApiStream.request("of-toy", api.source, ",\"model\":\"toy\""));
      api.submit(ApiStream.request("of-none", api.source, ",\"model\":\"oil\""));
      assertThat(api.end("of-toy").path("state").asText()).isEqualTo("COMPLETED");

      try (S3ObjectStore store = api.stream.endpoints().store();
          Worker second = second(api, store)) {
        api.submit(ApiStream.request("of-sketch", api.source, ",\"model\":\"sketch\""));
        sendToAnyWorker(api, "by-kafka", "sketch");
        await("the status to say what is waited for")
            .atMost(ApiStream.LIMIT)
            .until(() -> waitsFor(api, "of-sketch").equals("sketch"));
        second.start();

        assertThat(api.end("of-sketch").path("state").asText()).isEqualTo("COMPLETED");
        assertThat(api.end("by-kafka").path("state").asText()).isEqualTo("COMPLETED");
        assertAdapted(api, store);
        JsonNode models =
            ApiStream.JSON.readTree(
                ApiStream.get(api.stream.endpoints().http() + "/v1/models").body());
        assertThat(models.path("data"))
            .extracting(
                model -> model.path("id").asText() + model.path("workers") + model.path("adapters"))
            .containsExactly("sketch[\"worker-2\"][\"kohya\",\"peft\"]", "toy[\"worker-1\"][]");

        JsonNode failed = api.end("of-none");
        assertThat(failed.at("/failure/status").asText()).isEqualTo("REJECTED");
        assertThat(failed.at("/failure/message").asText())
            .isEqualTo(
                "model is oil, which no worker has announced for 10 s; announced are: sketch, toy");
      }
      Map<String, List<String>> ends = ends(events);
      assertThat(ends)
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "of-toy", List.of("worker-1"),
                  "of-sketch", List.of("worker-2"),
                  "by-kafka", List.of("worker-2"),
                  "adapted", List.of("worker-2"),
                  "unadapted", List.of("worker-2"),
                  "of-oil", List.of("worker-2"),
                  "of-none", List.of("results-sink")));
    }
  }

  /** Of the same source and seed, so that nothing but the adapter makes a difference. */
  private static void assertAdapted(ApiStream api, S3ObjectStore store) throws Exception {
    String options =
        ",\"model\":\"sketch\",\"options\":{\"steps\":2,\"size\":64,\"composite\":false,"
            + "\"adapters\":{\"%s\":%s}}";
    api.submit(ApiStream.request("adapted", api.source, options.formatted("kohya", "0.8")));
    api.submit(ApiStream.request("unadapted", api.source, options.formatted("kohya", "0")));
    api.submit(ApiStream.request("of-oil", api.source, options.formatted("oil", "1")));

    assertThat(api.end("of-oil").at("/failure/message").asText())
        .isEqualTo("options.adapters: 'oil' is not known; sketch has kohya, peft");
    assertThat(pixels(api, store, "adapted")).isNotEqualTo(pixels(api, store, "unadapted"));
  }

  private static int[] pixels(ApiStream api, S3ObjectStore store, String id) throws Exception {
    assertThat(api.end(id).path("state").asText()).isEqualTo("COMPLETED");
    byte[] png = store.read(new ObjectName("edited", "default/" + id + ".png"), 1 << 20);
    return ImageIO.read(new ByteArrayInputStream(png)).getRGB(0, 0, 64, 64, null, 0, 64);
  }

  private static String waitsFor(ApiStream api, String id) {
    return api.status("default", id).at("/waitsFor/model").asText();
  }

  private static Worker second(ApiStream api, S3ObjectStore store) throws Exception {
    Map<String, String> given = new HashMap<>(api.stream.endpoints().settings());
    given.put("worker.id", "worker-2");
    given.put("model.default", "false");
    given.put("http.port", "0");
    WorkerSettings settings =
        WorkerSettings.of(Settings.read(WorkerSettings.DECLARED, given), "sketch");
    return new Worker(
        settings,
        settings.cluster().registry(),
        store,
        new SmartEditImageEditor(
            SmartEdit.open(ApiStream.TOY, SmartEdit.Settings.DEFAULT.with(adapters()))),
        Clock.systemUTC());
  }

  private static AdapterFiles adapters() {
    Path made = ApiStream.TOY.resolve("../../adapters");
    return new AdapterFiles(
        AdapterFiles.places(
            "kohya=" + made.resolve("kohya.safetensors") + ",peft=" + made.resolve("peft")),
        AdapterFiles.DEFAULT_BYTES);
  }

  /** As clients do that know of one topic only. */
  private static void sendToAnyWorker(ApiStream api, String id, String model) throws Exception {
    EditRequested request =
        EditRequested.newBuilder()
            .setRequestId(id)
            .setSource(api.source)
            .setInstruction("remove the smaller cat")
            .setModel(model)
            .setOptions(EditSettings.newBuilder().setSteps(2).setSize(64).build())
            .setRequestedAt(Instant.now())
            .build();
    try (KafkaProducer<String, EditRequested> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", api.stream.endpoints().bootstrap()),
            new StringSerializer(),
            new EventSerializer<>(
                new HttpSchemaRegistry(api.stream.endpoints().registry(), null)))) {
      producer.send(new ProducerRecord<>(Topics.REQUESTED, "k", request)).get();
    }
  }

  /** Who ended each request, as often as it was ended, until nothing more comes. */
  private static Map<String, List<String>> ends(EventStream events) {
    Map<String, List<String>> ends = new HashMap<>();
    Instant until = Instant.now().plus(Duration.ofSeconds(2));
    while (Instant.now().isBefore(until)) {
      events.poll(event -> note(ends, event));
    }
    return ends;
  }

  private static void note(Map<String, List<String>> ends, SpecificRecord event) {
    if (event instanceof EditCompleted completed) {
      ends.computeIfAbsent(completed.getRequestId(), id -> new ArrayList<>())
          .add(completed.getWorker());
    } else if (event instanceof EditFailed failed) {
      ends.computeIfAbsent(failed.getRequestId(), id -> new ArrayList<>()).add(failed.getWorker());
    }
  }
}
