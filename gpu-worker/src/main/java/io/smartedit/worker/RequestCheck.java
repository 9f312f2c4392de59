package io.smartedit.worker;

import io.smartedit.BadRequestException;
import io.smartedit.EditOptions;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Fit;
import io.smartedit.pipeline.Guidance;
import io.smartedit.store.ObjectName;
import java.util.Set;
import java.util.regex.Pattern;

/** What a request must be before anything is fetched; anybody may write to the topic. */
final class RequestCheck {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final int MAX_INSTRUCTION = 4000;
  private static final int MAX_LABELS = 32;
  private static final int MAX_LABEL = 256;

  private RequestCheck() {}

  /** The picture that the request names, in an allowed bucket. */
  static ObjectName source(EditRequested request, Set<String> buckets) {
    requireName("requestId", request.getRequestId());
    requireName("tenant", request.getTenant());
    if (request.getInstruction().isBlank()) {
      throw EditFailure.rejected("instruction is empty");
    }
    if (request.getInstruction().length() > MAX_INSTRUCTION) {
      throw EditFailure.rejected(
          "instruction has "
              + request.getInstruction().length()
              + " characters, more than "
              + MAX_INSTRUCTION);
    }
    requireLabels(request);
    ObjectName source;
    try {
      source = ObjectName.parse(request.getSource());
    } catch (IllegalArgumentException e) {
      throw EditFailure.rejected("source: " + e.getMessage());
    }
    if (!buckets.contains(source.bucket())) {
      throw EditFailure.rejected("source: bucket " + source.bucket() + " is not allowed");
    }
    return source;
  }

  /** The request's options as the editor takes them. */
  static EditOptions options(EditRequested request) {
    EditSettings settings = request.getOptions();
    try {
      return new EditOptions(
          settings.getSteps(),
          new Guidance(settings.getGuidance(), settings.getImageGuidance()),
          settings.getSeed(),
          settings.getSize(),
          settings.getFit() == Fit.ASPECT ? EditOptions.Fit.ASPECT : EditOptions.Fit.SQUARE,
          settings.getRestore());
    } catch (BadRequestException e) {
      throw EditFailure.rejected("options: " + e.getMessage());
    }
  }

  private static void requireName(String field, String value) {
    if (!NAME.matcher(value).matches()) {
      throw EditFailure.rejected(
          field
              + " must have 1 to 64 characters of A-Z a-z 0-9 . _ - and begin with one of the"
              + " first three");
    }
  }

  private static void requireLabels(EditRequested request) {
    if (request.getLabels().size() > MAX_LABELS) {
      throw EditFailure.rejected(
          "labels: " + request.getLabels().size() + " of them, more than " + MAX_LABELS);
    }
    request
        .getLabels()
        .forEach(
            (key, value) -> {
              if (key.length() > MAX_LABEL || value.length() > MAX_LABEL) {
                throw EditFailure.rejected("labels: one is longer than " + MAX_LABEL);
              }
            });
  }
}
