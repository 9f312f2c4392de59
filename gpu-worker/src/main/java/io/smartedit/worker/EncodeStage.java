package io.smartedit.worker;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.Provenance;
import io.smartedit.events.EditRequested;
import io.smartedit.events.OutputFormat;
import io.smartedit.provenance.ContentCredentials;
import io.smartedit.provenance.DigitalSourceType;
import io.smartedit.provenance.Edit;
import io.smartedit.provenance.Source;
import java.util.Optional;
import java.util.function.Consumer;

/** The stage that brings edited images to their final size and encodes them. */
final class EncodeStage {

  /** The image, its encoded form, and room for that to grow. */
  private static final int SHARE = 3;

  private final String model;
  private final Optional<ContentCredentials> signer;
  private final Consumer<EncodedImage> next;

  EncodeStage(String model, Optional<ContentCredentials> signer, Consumer<EncodedImage> next) {
    this.model = model;
    this.signer = signer;
    this.next = next;
  }

  StagePool.Plan<DecodedEdit> plan(ByteBudget images) {
    return new StagePool.Plan<>(
        "encoding", null, images, input -> SHARE * input.request().finalBytes(), this::encode);
  }

  private void encode(DecodedEdit input, ByteBudget.Lease lease) throws InterruptedException {
    Job job = input.job();
    EditRequested request = job.taken().request();
    long begin = job.times().begin();
    Image image = input.request().restored(input.image());
    ImageCodec.Format format =
        request.getOptions().getFormat() == OutputFormat.JPEG
            ? ImageCodec.Format.JPEG
            : ImageCodec.Format.PNG;
    byte[] bytes =
        ImageCodec.encode(
            image,
            format,
            new Provenance(model, request.getOptions().getSeed(), request.getRequestId()));
    if (signer.isPresent()) {
      bytes = signer.get().sign(bytes, edit(request, input.source()));
    }
    job.times().add(StageTimes.Timed.STORED, begin);
    lease.shrinkTo(bytes.length);
    EncodedImage encoded =
        new EncodedImage(
            job,
            bytes,
            format,
            image.width(),
            image.height(),
            input.source().verdict().summary(),
            lease);
    if (job.moveTo(JobState.STORING)) {
      next.accept(encoded);
    } else {
      encoded.discard();
    }
  }

  /** What the credentials say. */
  private Edit edit(EditRequested request, Source source) {
    return new Edit(
        model,
        request.getOptions().getSeed(),
        request.getRequestId(),
        DigitalSourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA,
        source);
  }
}
