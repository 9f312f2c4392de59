package io.smartedit.worker;

import io.smartedit.editor.OutOfDeviceMemoryException;
import io.smartedit.editor.image.NotANumberException;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.events.FailureKind;
import io.smartedit.provenance.SigningKeyException;
import io.smartedit.provenance.TimestampException;
import io.smartedit.store.StoreException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The boundary where whatever was thrown over a job becomes what is done about it. Who can act
 * decides: the sender (the request fails and says why), time (it is asked again), or whoever runs
 * this worker (it waits until that is mended).
 */
final class FailureClassifier {

  private static final Pattern DEVICE_IS_LOST =
      Pattern.compile("CUDA error|CUDA driver|device-side assert|CUBLAS_STATUS|CUDNN_STATUS|NCCL");

  private FailureClassifier() {}

  /** Whose store a stage asks. */
  enum Side {
    /** The request names it. */
    SOURCE,
    /** The worker's own settings name it. */
    OUTPUT
  }

  /** What is done about a failure. */
  sealed interface Verdict {
    /** The job ends with it. */
    record Fails(JobFailedException failure) implements Verdict {}

    /** It is asked again, for a limited time. */
    record Outage(String reason) implements Verdict {}

    /** It is ours to mend: asked again without a limit, and nothing new is taken meanwhile. */
    record Ours(String reason) implements Verdict {}
  }

  /** Of what was thrown while {@code side} was asked, or while nothing but memory was needed. */
  static Verdict of(Throwable thrown, @Nullable Side side) {
    if (thrown instanceof StoreException e && side != null) {
      return ofStore(e, side);
    }
    if (thrown instanceof TimestampException e) {
      return new Verdict.Outage(firstLine(e));
    }
    if (thrown instanceof SigningKeyException e) {
      return new Verdict.Ours(firstLine(e)); // its time is over
    }
    return new Verdict.Fails(failure(thrown));
  }

  private static Verdict ofStore(StoreException e, Side side) {
    String reason = firstLine(e);
    boolean theirs = side == Side.SOURCE;
    return switch (e.kind()) {
      case UNAVAILABLE -> new Verdict.Outage(reason);
      case MISCONFIGURED -> new Verdict.Ours(reason);
      case TOO_LARGE -> new Verdict.Fails(JobFailedException.rejected("source: " + reason, e));
      case NOT_FOUND, DENIED ->
          theirs
              ? new Verdict.Fails(JobFailedException.rejected("source: " + reason, e))
              : new Verdict.Ours(reason);
    };
  }

  /** The job's end; what nobody foresaw says nothing of our inside. */
  static JobFailedException failure(Throwable thrown) {
    if (thrown instanceof JobFailedException e) {
      return e;
    }
    if (thrown instanceof BadRequestException) {
      return JobFailedException.rejected(String.valueOf(thrown.getMessage()), thrown);
    }
    if (thrown instanceof NotANumberException) {
      return JobFailedException.failed(
          FailureKind.INTERNAL, String.valueOf(thrown.getMessage()), thrown);
    }
    if (thrown instanceof OutOfDeviceMemoryException) {
      return JobFailedException.failed(
          FailureKind.RESOURCES, "the edit does not fit the device's memory", thrown);
    }
    if (thrown instanceof OutOfMemoryError) {
      return JobFailedException.failed(
          FailureKind.RESOURCES, "the edit does not fit the worker's memory", thrown);
    }
    return JobFailedException.failed(
        FailureKind.INTERNAL,
        "internal error; the worker's log has it under this request's id",
        thrown);
  }

  /**
   * Whether nothing can be edited in this process any more: classes or native code are missing or
   * broken, or the card is lost. The worker then ends, so that another takes over.
   */
  static boolean endsTheWorker(Throwable thrown) {
    if (thrown instanceof OutOfMemoryError || thrown instanceof StackOverflowError) {
      return false; // gone with the call that caused it
    }
    return thrown instanceof LinkageError
        || thrown instanceof VirtualMachineError
        || DEVICE_IS_LOST.matcher(String.valueOf(thrown.getMessage())).find();
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
