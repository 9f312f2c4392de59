package io.smartedit.standalone;

import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.service.Drain;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code smartedit demo}: the whole stream once, from request to completed event. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a Kafka broker, a schema registry, an S3 server, a worker and the sink in this",
      "process, puts edit requests for sample images on the topic, shows their progress and",
      "their completed events, and writes before/after images and a contact sheet: source, the",
      "model's own image, what is delivered (its change laid into the source), and what it should",
      "have become.",
      "",
      "Without --model it runs smartedit-mini, which edits small drawn images."
    })
final class DemoCommand implements Callable<Integer> {

  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration EDIT_LIMIT = Duration.ofMinutes(10);
  private static final long MAX_RESULT = 64L << 20;

  @Option(names = "--model", paramLabel = "DIR", description = "A model folder.")
  private Path model = ShippedModel.folder();

  @Option(names = "--out", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("demo-out");

  @Option(names = "--steps", description = "Denoising steps (default: the model's, else 100).")
  private @Nullable Integer steps;

  private final Map<String, Asked> waiting = new HashMap<>();
  private final Map<Asked, Image> edits = new HashMap<>();
  private int failed;
  private volatile boolean interrupted;

  /** A request: for the delivered image, or for the model's own. */
  private record Asked(DemoImages.Sample sample, boolean raw) {}

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(out);
    Path data = Files.createTempDirectory("smartedit-demo");
    System.out.println("starting broker, registry, store, worker and sink ...");
    SmartEdit editor = SmartEdit.open(model, SmartEdit.Settings.DEFAULT);
    int side = editor.defaults().size();
    try (Drain drain = new Drain()) {
      drain.onSignal(() -> interrupted = true);
      try (LocalStream stream = LocalStream.start(data, editor, ModelOptions.name(model), 4)) {
        Waiting.until("the stream to start", START_LIMIT, () -> stream.isReady() || interrupted);
        edit(DemoImages.samples(side), stream);
        System.out.println("draining ...");
      } finally {
        Folders.delete(data);
      }
    }
    System.out.printf("%d edited, %d failed; images in %s%n", edits.size(), failed, out);
    if (interrupted) {
      return Main.INTERRUPTED;
    }
    return failed == 0 ? 0 : Main.FAILED;
  }

  private void edit(List<DemoImages.Sample> samples, LocalStream stream) throws IOException {
    try (S3ObjectStore store = stream.endpoints().store();
        EventStream events = new EventStream(stream.endpoints(), false);
        Requests requests = new Requests(stream.endpoints())) {
      for (DemoImages.Sample sample : samples) {
        submit(sample, store, requests);
      }
      Waiting.until(
          "the edits to end",
          EDIT_LIMIT,
          () -> {
            events.poll(event -> hear(event, store));
            return waiting.isEmpty() || interrupted;
          });
      if (!interrupted) {
        writeImages(samples);
      }
    }
  }

  private void submit(DemoImages.Sample sample, S3ObjectStore store, Requests requests) {
    ObjectName source = new ObjectName(LocalStream.INBOX, sample.name() + ".png");
    byte[] png = ImageCodec.encode(sample.image(), ImageCodec.Format.PNG);
    store.write(source, png, ImageCodec.Format.PNG.mediaType(), Map.of());
    request(source, new Asked(sample, false), requests);
    request(source, new Asked(sample, true), requests);
  }

  private void request(ObjectName source, Asked asked, Requests requests) {
    DemoImages.Sample sample = asked.sample();
    String requestId = "demo-" + sample.name() + (asked.raw() ? "-raw" : "");
    waiting.put(requestId, asked);
    EditSettings.Builder options = EditSettings.newBuilder();
    options.setComposite(!asked.raw());
    if (steps != null) {
      options.setSteps(steps);
    }
    requests.send(
        EditRequested.newBuilder()
            .setRequestId(requestId)
            .setSource(source.toString())
            .setInstruction(sample.instruction())
            .setOptions(options.build())
            .setRequestedAt(Instant.now())
            .build());
    System.out.printf("requested  %-18s \"%s\"%n", requestId, sample.instruction());
  }

  private void hear(SpecificRecord event, S3ObjectStore store) {
    if (event instanceof EditProgress progress) {
      System.out.printf(
          "progress   %-18s %d/%d%n",
          progress.getRequestId(), progress.getStep(), progress.getSteps());
    } else if (event instanceof EditCompleted completed) {
      completed(completed, store);
    } else if (event instanceof EditFailed failure) {
      waiting.remove(failure.getRequestId());
      failed++;
      System.out.printf(
          "failed     %-18s %s: %s%n",
          failure.getRequestId(),
          failure.getFailure().getKind(),
          failure.getFailure().getMessage());
    }
  }

  private void completed(EditCompleted event, S3ObjectStore store) {
    Asked asked = waiting.remove(event.getRequestId());
    if (asked == null) {
      throw new IllegalStateException("second terminal event for " + event.getRequestId());
    }
    byte[] bytes = store.read(ObjectName.parse(event.getResult().getOutput()), MAX_RESULT);
    edits.put(asked, ImageCodec.decode(bytes, ImageLimits.DEFAULT));
    System.out.printf(
        "completed  %-18s %s %dx%d, read %.2f s, denoised %.2f s with up to %d in a batch%n",
        event.getRequestId(),
        event.getResult().getOutput(),
        event.getResult().getWidth(),
        event.getResult().getHeight(),
        event.getCost().getRead(),
        event.getCost().getDenoised(),
        event.getCost().getBatch());
  }

  private void writeImages(List<DemoImages.Sample> samples) throws IOException {
    List<DemoImages.Pair> pairs = new ArrayList<>();
    for (DemoImages.Sample sample : samples) {
      Image edited = edits.get(new Asked(sample, false));
      Image raw = edits.get(new Asked(sample, true));
      if (edited == null || raw == null) {
        continue; // it failed
      }
      write(sample.name() + "-before.png", sample.image());
      write(sample.name() + "-after.png", edited);
      pairs.add(new DemoImages.Pair(sample, raw, edited));
    }
    if (!pairs.isEmpty()) {
      DemoImages.writeSheet(out.resolve("contact-sheet.png"), pairs);
    }
  }

  private void write(String name, Image image) throws IOException {
    Files.write(out.resolve(name), ImageCodec.encode(image, ImageCodec.Format.PNG));
  }
}
