package io.smartedit.worker;

import io.smartedit.editor.image.ImageCodec;
import io.smartedit.events.EditRequested;
import io.smartedit.events.RequestRules;
import io.smartedit.store.ObjectName;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A request as it was taken.
 *
 * @param attempts how earlier workers fared with it
 * @param poison whether it is given up for what it did to them
 */
record TakenRequest(Receipt receipt, Attempts attempts, boolean poison, EditRequested request) {

  String requestId() {
    return request.getRequestId();
  }

  /** Images that are wanted, with one seed each. */
  int variants() {
    return request.getOptions().getVariants();
  }

  /** What an image is made with. */
  long seed(int variant) {
    return request.getOptions().getSeed() + variant;
  }

  /**
   * Where an image goes: by tenant and request id alone, so that a second run meets the first. No
   * id has a tilde, so that a variant's name is never another request's.
   */
  ObjectName output(String bucket, int variant) {
    String name = variant == 0 ? requestId() : requestId() + "~" + (variant + 1);
    return place(bucket, name, format());
  }

  /** Where the image of another request of the same tenant and prefix may be. */
  List<ObjectName> outputsOf(String otherId, String bucket) {
    return Arrays.stream(ImageCodec.Format.values())
        .map(format -> place(bucket, otherId, format))
        .toList();
  }

  /** What its image is written in. */
  ImageCodec.Format format() {
    return switch (request.getOptions().getFormat()) {
      case PNG -> ImageCodec.Format.PNG;
      case JPEG -> ImageCodec.Format.JPEG;
      case WEBP -> ImageCodec.Format.WEBP;
    };
  }

  private ObjectName place(String bucket, String id, ImageCodec.Format format) {
    String prefix = request.getOptions().getPrefix();
    String folder = prefix.isEmpty() ? "" : prefix + "/";
    return new ObjectName(
        bucket, request.getTenant() + "/" + folder + id + "." + format.extension());
  }

  /** The request whose result it builds on, where it does. */
  Optional<String> origin() {
    String source = request.getSource();
    return source.startsWith(RequestRules.REQUEST_SOURCE)
        ? Optional.of(source.substring(RequestRules.REQUEST_SOURCE.length()))
        : Optional.empty();
  }

  boolean isExpired(Instant now) {
    return request.getDeadline() != null && now.isAfter(request.getDeadline());
  }
}
