package io.smartedit.benchmarks.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.Cost;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.standalone.local.LocalCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * One batch of many lines through the sink's state: lines as {@code ingest} puts them on the topic,
 * outcomes as workers do, then the batch's end and the results of all lines. What is printed is the
 * memory of the whole process, in which broker and registry run, too.
 */
final class BatchState {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final String BATCH = "large";
  private static final double NANOS = 1e9;

  private final LocalCluster cluster;
  private final SchemaRegistry registry;
  private final long begin = System.nanoTime();

  private BatchState(LocalCluster cluster) {
    this.cluster = cluster;
    this.registry = new HttpSchemaRegistry(cluster.endpoints().registry(), null);
  }

  public static void main(String[] arguments) throws Exception {
    int lines = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    Path folder = Files.createTempDirectory("batch-state");
    try (LocalCluster cluster = LocalCluster.start(folder)) {
      new BatchState(cluster).run(lines, folder.resolve("sink"));
    }
  }

  private void run(int lines, Path state) throws Exception {
    Map<String, String> settings = new HashMap<>(cluster.endpoints().settings());
    settings.put("sink.state", state.toString());
    settings.put("http.port", "0");
    try (ResultsSink sink =
        new ResultsSink(
            SinkSettings.of(Settings.read(SinkSettings.DECLARED, settings)), registry)) {
      sink.start();
      while (!sink.isReady()) {
        Thread.sleep(50);
      }
      send(lines);
      String batch = "http://127.0.0.1:" + sink.port() + "/v1/batches/" + BATCH;
      JsonNode status = get(batch);
      while (!status.path("state").asText().equals("COMPLETED")) {
        say(status.path("lines") + " lines known, progress " + status.path("progress"));
        Thread.sleep(10_000);
        status = get(batch);
      }
      say("completed: " + status.path("counts"));
      say(results(batch) + " results read");
    }
  }

  private void send(int lines) {
    try (KafkaProducer<String, SpecificRecord> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                cluster.endpoints().bootstrap(),
                "linger.ms",
                20,
                "compression.type",
                "lz4"),
            new StringSerializer(),
            new EventSerializer<>(registry))) {
      for (int i = 1; i <= lines; i++) {
        EditRequested request = request(i);
        var unusedRequest =
            producer.send(new ProducerRecord<>(Topics.BULK, Topics.key(request), request));
        var unusedOutcome =
            producer.send(
                new ProducerRecord<>(Topics.OUTCOMES, request.getRequestId(), outcome(request)));
        if (i % 100_000 == 0) {
          say(i + " lines sent");
        }
      }
      BatchCommand seal =
          BatchCommand.newBuilder()
              .setTenant("default")
              .setBatch(BATCH)
              .setAction(BatchAction.SEAL)
              .setAccepted((long) lines)
              .setAt(Instant.now())
              .build();
      var unusedSeal =
          producer.send(
              new ProducerRecord<>(Topics.BATCH_COMMANDS, Topics.batchKey("default", BATCH), seal));
    }
  }

  private static EditRequested request(int line) {
    return EditRequested.newBuilder()
        .setRequestId(BATCH + "." + line)
        .setSource("s3://pictures/2026/autumn/" + line + ".jpg")
        .setInstruction("remove the smaller cat that sits beside the flower pot")
        .setBatch(BATCH)
        .setBatchLine((long) line)
        .setRequestedAt(Instant.now())
        .build();
  }

  private static EditOutcome outcome(EditRequested request) {
    return EditOutcome.newBuilder()
        .setRequestId(request.getRequestId())
        .setTenant("default")
        .setStatus(Status.REJECTED)
        .setRequest(request)
        .setFailure(
            Failure.newBuilder()
                .setKind(FailureKind.REJECTED)
                .setMessage(request.getSource() + " does not exist")
                .build())
        .setCost(
            Cost.newBuilder()
                .setQueued(1)
                .setFetched(0)
                .setRead(0)
                .setDenoised(0)
                .setDeveloped(0)
                .setStored(0)
                .setBatch(0)
                .setAttempts(1)
                .build())
        .setWorker("worker-1")
        .setModel("smartedit-mini")
        .setVersion("0.2.0")
        .setSeed(0)
        .setFinishedAt(Instant.now())
        .build();
  }

  /** Lines of results, a page at a time as the front door asks for them. */
  private static int results(String batch) throws Exception {
    int lines = 0;
    int page;
    do {
      String text = body(batch + "/lines?after=" + lines);
      page = (int) text.lines().count();
      lines += page;
    } while (page > 0);
    return lines;
  }

  private static JsonNode get(String url) throws Exception {
    return JSON.readTree(body(url));
  }

  private static String body(String url) throws Exception {
    return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
        .body();
  }

  private void say(String what) {
    System.out.printf(
        "%6.1f s, %4d MB resident: %s%n", (System.nanoTime() - begin) / NANOS, resident(), what);
  }

  private static long resident() {
    try {
      Matcher found = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
      return found.find() ? Long.parseLong(found.group(1)) / 1000 : 0;
    } catch (IOException e) {
      return 0; // not on Linux
    }
  }
}
