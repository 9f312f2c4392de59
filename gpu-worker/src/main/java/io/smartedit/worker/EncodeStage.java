package io.smartedit.worker;

import io.smartedit.editor.EditedImage;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.composite.Composite;
import io.smartedit.editor.image.Encoding;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.Provenance;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.provenance.ContentCredentials;
import io.smartedit.provenance.DigitalSourceType;
import io.smartedit.provenance.Edit;
import java.util.Optional;
import java.util.function.Consumer;

/** The stage that brings edited images to their final size and encodes them, one at a time. */
final class EncodeStage {

  /** The image, its encoded form, and room for that to grow. */
  private static final int SHARE = 3;

  private final String model;
  private final Optional<ContentCredentials> signer;
  private final ImageLimits limits;
  private final Consumer<EncodedImage> next;

  EncodeStage(
      String model,
      long maxBytes,
      Optional<ContentCredentials> signer,
      Consumer<EncodedImage> next) {
    this.model = model;
    this.limits =
        new ImageLimits(maxBytes, ImageLimits.DEFAULT.maxSide(), ImageLimits.DEFAULT.maxPixels());
    this.signer = signer;
    this.next = next;
  }

  StagePool.Plan<DecodedEdit> plan(ByteBudget images) {
    return new StagePool.Plan<>("encoding", null, images, this::bytes, this::encode);
  }

  private long bytes(DecodedEdit input) {
    Encoding encoding = encoding(input.job().taken());
    PreparedRequest request = input.request();
    long result =
        SHARE * request.finalBytes()
            + request.workingBytes()
            + encoding.workingBytes(request.width(), request.height());
    KeptSource source = input.job().source();
    return source == null ? result : result + source.decodingBytes(limits);
  }

  private void encode(DecodedEdit input, ByteBudget.Lease lease) throws InterruptedException {
    Job job = input.job();
    EditRequested request = job.taken().request();
    long begin = job.times().begin();
    EditedImage edited = delivered(input);
    FullImage image = edited.full();
    Encoding encoding = encoding(job.taken());
    byte[] bytes =
        ImageCodec.encode(
            image,
            encoding,
            new Provenance(
                model,
                edited.options().adapters().toString(),
                job.taken().seed(input.variant()),
                request.getRequestId(),
                edited.isWhole()));
    if (signer.isPresent()) {
      bytes = signer.get().sign(bytes, story(input, edited));
    }
    job.times().add(StageTimes.Timed.STORED, begin);
    lease.shrinkTo(bytes.length);
    EncodedImage encoded =
        new EncodedImage(
            job,
            input.variant(),
            bytes,
            encoding.format(),
            image.width(),
            image.height(),
            input.source().verdict().summary(),
            Optional.ofNullable(edited.changed()),
            input.rest(),
            lease);
    if (job.moveTo(JobState.STORING)) {
      next.accept(encoded);
    } else {
      encoded.discard();
    }
  }

  static Encoding encoding(TakenRequest taken) {
    EditSettings options = taken.request().getOptions();
    Encoding.Keep keep =
        switch (options.getMetadata()) {
          case KEEP -> Encoding.Keep.ALL;
          case STRIP_LOCATION -> Encoding.Keep.NO_LOCATION;
          case STRIP_ALL -> Encoding.Keep.NOTHING;
        };
    return new Encoding(taken.format(), options.getQuality(), keep);
  }

  /** What the credentials say. */
  private Edit story(DecodedEdit input, EditedImage edited) {
    TakenRequest taken = input.job().taken();
    return new Edit(
        model,
        edited.options().adapters().scales(),
        taken.seed(input.variant()),
        taken.requestId(),
        DigitalSourceType.of(edited.isWhole()),
        input.source());
  }

  /** The change laid into the source; the model's own image where that is wanted. */
  private EditedImage delivered(DecodedEdit input) {
    PreparedRequest request = input.request();
    Image image = input.images().get(input.variant());
    Image roundTrip = input.roundTrip();
    KeptSource source = input.job().source();
    if (roundTrip == null || source == null) { // a job without its source has ended
      return new EditedImage(request.restored(image), request.options(), null);
    }
    Composite composite =
        Composite.over(
            source.image(limits),
            image,
            roundTrip,
            source.allowed(input.job().taken().request(), limits));
    return new EditedImage(composite.full(), request.options(), composite.change());
  }
}
