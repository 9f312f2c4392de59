package io.smartedit.worker;

import io.smartedit.editor.BadRequestException;
import io.smartedit.editor.EditOptions;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.Provenance;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.FailureKind;
import io.smartedit.events.OutputFormat;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.SourcePolicy;
import io.smartedit.store.WebImages;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Fetches sources and stores results. Results carry a digest of their request, so that a
 * redelivered request is answered from what stands, and another request under a used id is noticed.
 */
final class Images {

  private static final String DIGEST = "request-digest";
  private static final String SHA = "sha256";
  private static final String SIZE = "picture-size";
  private static final String BYTES = "picture-bytes";
  private static final String SOURCE_TYPE = "digital-source-type";

  private final ObjectStore store;
  private final WebImages web;
  private final WorkerSettings settings;
  private final Retry retry;

  Images(ObjectStore store, WebImages web, WorkerSettings settings, Retry retry) {
    this.store = store;
    this.web = web;
    this.settings = settings;
    this.retry = retry;
  }

  /** The result of an earlier run of the same request, where there is one. */
  Optional<EditResult> earlier(Job job) throws InterruptedException {
    ObjectName name = job.output(settings.outputBucket());
    Map<String, String> metadata = retry.call(() -> store.metadata(name)).orElse(Map.of());
    if (metadata.isEmpty()) {
      return Optional.empty();
    }
    if (!digest(job.request).equals(metadata.get(DIGEST))) {
      throw EditFailure.rejected(
          "requestId " + job.request.getRequestId() + " was used before for another edit");
    }
    String[] size = metadata.getOrDefault(SIZE, "0x0").split("x", 2);
    return Optional.of(
        EditResult.newBuilder()
            .setOutput(name.toString())
            .setBytes(Long.parseLong(metadata.getOrDefault(BYTES, "0")))
            .setSha256(metadata.getOrDefault(SHA, ""))
            .setWidth(Integer.parseInt(size[0]))
            .setHeight(Integer.parseInt(size[1]))
            .build());
  }

  /** Where the result of another request of this one's session lies, once it does. */
  Optional<ObjectName> resultOf(String requestId, Job job) throws InterruptedException {
    for (ObjectName name : job.outputsOf(requestId, settings.outputBucket())) {
      if (!retry.call(() -> store.metadata(name)).orElse(Map.of()).isEmpty()) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  /** The source, decoded, with the request's options. */
  EditRequest fetch(EditRequested request, String source, EditOptions defaults)
      throws InterruptedException {
    long most = settings.maxSourceBytes();
    byte[] bytes =
        retry.call(
            () ->
                source.startsWith(SourcePolicy.WEB)
                    ? web.read(source, most)
                    : store.read(ObjectName.parse(source), most));
    try {
      Image image = ImageCodec.decode(bytes, ImageLimits.DEFAULT);
      return new EditRequest(
          image, request.getInstruction(), RequestCheck.options(request, defaults));
    } catch (BadRequestException e) {
      throw EditFailure.rejected("source: " + e.getMessage());
    }
  }

  /**
   * Stores a result; where one stands already, that one is the answer.
   *
   * @throws EditFailure if what stands is another edit's
   */
  EditResult store(Job job, Image image) throws InterruptedException {
    ImageCodec.Format format =
        job.request.getOptions().getFormat() == OutputFormat.JPEG
            ? ImageCodec.Format.JPEG
            : ImageCodec.Format.PNG;
    byte[] bytes = ImageCodec.encode(image, format, provenance(job.request));
    ObjectName name = job.output(settings.outputBucket());
    String sha = DigestUtils.sha256Hex(bytes);
    Map<String, String> metadata =
        Map.of(
            DIGEST,
            digest(job.request),
            SHA,
            sha,
            SIZE,
            image.width() + "x" + image.height(),
            BYTES,
            Integer.toString(bytes.length),
            SOURCE_TYPE,
            Provenance.DIGITAL_SOURCE_TYPE);
    boolean first = retry.call(() -> store.writeNew(name, bytes, format.mediaType(), metadata));
    if (!first) { // the same request elsewhere, or another one of the same id
      return earlier(job)
          .orElseThrow(() -> EditFailure.failed(FailureKind.EXTERNAL, name + " came and went"));
    }
    return EditResult.newBuilder()
        .setOutput(name.toString())
        .setBytes(bytes.length)
        .setSha256(sha)
        .setWidth(image.width())
        .setHeight(image.height())
        .build();
  }

  private Provenance provenance(EditRequested request) {
    return new Provenance(
        settings.modelName(), request.getOptions().getSeed(), request.getRequestId());
  }

  /** Of everything that the image depends on. */
  private static String digest(EditRequested request) {
    String all =
        String.join(
            "\n", request.getSource(), request.getInstruction(), request.getOptions().toString());
    return DigestUtils.sha256Hex(all);
  }
}
