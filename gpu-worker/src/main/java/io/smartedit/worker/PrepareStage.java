package io.smartedit.worker;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.EditRequested;
import io.smartedit.provenance.Source;
import java.time.Clock;
import java.util.function.Consumer;

/** The stage that decodes sources and reduces them to what the model reads. */
final class PrepareStage {

  private final ImageEditor editor;
  private final ImageLimits limits;
  private final SourceCache sources;
  private final Clock clock;
  private final Consumer<PreparedEdit> next;

  PrepareStage(
      ImageEditor editor,
      long maxBytes,
      SourceCache sources,
      Clock clock,
      Consumer<PreparedEdit> next) {
    this.editor = editor;
    this.sources = sources;
    this.limits =
        new ImageLimits(maxBytes, ImageLimits.DEFAULT.maxSide(), ImageLimits.DEFAULT.maxPixels());
    this.clock = clock;
    this.next = next;
  }

  StagePool.Plan<FetchedImage> plan(ByteBudget images) {
    return new StagePool.Plan<>("preparing", null, images, this::bytes, this::prepare);
  }

  private long bytes(FetchedImage input) {
    return explained(() -> input.source().decodingBytes(limits));
  }

  private void prepare(FetchedImage input, ByteBudget.Lease lease) {
    Job job = input.job();
    long begin = job.times().begin();
    PreparedRequest prepared =
        explained(
            () -> {
              FullImage source = sources.image(input.source(), limits, job.times());
              requireHolds(input, source);
              EditRequested request = job.taken().request();
              return editor.prepare(
                  new EditRequest(
                      source,
                      request.getInstruction(),
                      input.request().options(),
                      input.source().allowed(request, limits)));
            });
    Source source = Source.of(title(input.request().source()), input.source().bytes(), clock);
    job.times().add(StageTimes.Timed.FETCHED, begin);
    lease.close();
    if (prepared.options().composite()) {
      job.keep(input.source());
    } else {
      input.discard();
    }
    if (job.moveTo(JobState.PREPARED)) {
      next.accept(new PreparedEdit(job, prepared, source));
    }
  }

  /** Better now than after the edit. */
  private static void requireHolds(FetchedImage input, FullImage source) {
    EditOptions options = input.request().options();
    if (options.composite() || options.restore()) {
      EncodeStage.encoding(input.job().taken()).requireHolds(source.width(), source.height());
    }
  }

  /** The file's name alone: buckets, hosts and queries are nobody's business. */
  private static String title(String address) {
    String path = address.replaceFirst("[?#].*", "");
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.isBlank() ? "source" : name;
  }

  private interface Reading<T> {
    T run();
  }

  private static <T> T explained(Reading<T> reading) {
    try {
      return reading.run();
    } catch (BadRequestException e) {
      throw JobFailedException.rejected("source: " + e.getMessage(), e);
    }
  }
}
