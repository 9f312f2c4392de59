package io.smartedit.worker;

import io.smartedit.editor.composite.Box;
import io.smartedit.editor.composite.Change;
import io.smartedit.editor.image.Provenance;
import io.smartedit.events.Changed;
import io.smartedit.events.EditResult;
import io.smartedit.events.Variant;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * The results in the store. Each carries a digest of its request, so that a redelivered request is
 * answered from what stands, and another request under a used id is noticed. Thread-safe.
 */
final class ResultStore {

  private static final String DIGEST = "request-digest";
  private static final String SHA = "sha256";
  private static final String SIZE = "picture-size";
  private static final String BYTES = "picture-bytes";
  private static final String CHANGED = "changed";
  private static final String SOURCE_TYPE = "digital-source-type";
  private static final String SOURCE_CREDENTIALS = "source-credentials";

  private final ObjectStore store;
  private final String bucket;

  ResultStore(ObjectStore store, String bucket) {
    this.store = store;
    this.bucket = bucket;
  }

  /**
   * The result of an earlier run of the same request, where there is one: all of its images.
   *
   * @throws JobFailedException if what stands is another edit's
   */
  Optional<EditResult> standing(TakenRequest taken) {
    return own(taken, 0).flatMap(first -> result(taken, first));
  }

  /** Where the result of another request of the same tenant and prefix lies, once it does. */
  Optional<ObjectName> resultOf(String requestId, TakenRequest taken) {
    return taken.outputsOf(requestId, bucket).stream()
        .filter(name -> store.metadata(name).isPresent())
        .findFirst();
  }

  /**
   * Stores an image; where one stands already, that one stays.
   *
   * @return the request's result, once its first variant is stored, which is the last to be
   * @throws JobFailedException if what stands is another edit's
   */
  Optional<EditResult> store(EncodedImage image) {
    TakenRequest taken = image.job().taken();
    ObjectName name = taken.output(bucket, image.variant());
    Map<String, String> metadata = metadata(image);
    boolean isNew = store.writeNew(name, image.bytes(), image.format().mediaType(), metadata);
    Map<String, String> stands = // what the same request left, or another one of the same id
        isNew ? metadata : own(taken, image.variant()).orElseThrow(() -> gone(name));
    return image.variant() == 0
        ? Optional.of(result(taken, stands).orElseThrow(() -> gone(name)))
        : Optional.empty();
  }

  private static Map<String, String> metadata(EncodedImage image) {
    Map<String, String> metadata = new HashMap<>();
    image.change().ifPresent(change -> metadata.put(CHANGED, written(change)));
    metadata.put(DIGEST, RequestDigest.of(image.job().taken().request()));
    metadata.put(SHA, DigestUtils.sha256Hex(image.bytes()));
    metadata.put(SIZE, image.width() + "x" + image.height());
    metadata.put(BYTES, Integer.toString(image.bytes().length));
    boolean whole = image.change().map(Change::isWhole).orElse(true);
    metadata.put(SOURCE_TYPE, Provenance.digitalSourceType(whole));
    metadata.put(SOURCE_CREDENTIALS, image.sourceCredentials());
    return metadata;
  }

  private static StoreException gone(ObjectName name) {
    return new StoreException(
        StoreException.Kind.UNAVAILABLE, name + " or a variant of it was there and is not");
  }

  /** The metadata of a request's own image, where it is there. */
  private Optional<Map<String, String>> own(TakenRequest taken, int variant) {
    Map<String, String> metadata = store.metadata(taken.output(bucket, variant)).orElse(Map.of());
    if (metadata.isEmpty()) {
      return Optional.empty();
    }
    if (!RequestDigest.of(taken.request()).equals(metadata.get(DIGEST))) {
      throw JobFailedException.idReused(taken.requestId());
    }
    return Optional.of(metadata);
  }

  /**
   * What the metadata beside the images say of them: the same in the first answer and in later
   * ones. None where one of several is not there.
   */
  private Optional<EditResult> result(TakenRequest taken, Map<String, String> first) {
    Stored image = Stored.of(first);
    EditResult.Builder result =
        EditResult.newBuilder()
            .setOutput(taken.output(bucket, 0).toString())
            .setBytes(image.bytes())
            .setSha256(image.sha256())
            .setWidth(image.width())
            .setHeight(image.height());
    image.whatChanged().ifPresent(result::setChanged);
    Optional.ofNullable(first.get(SOURCE_CREDENTIALS)).ifPresent(result::setSourceCredentials);
    List<Variant> variants = new ArrayList<>();
    for (int i = 1; i < taken.variants(); i++) {
      Optional<Map<String, String>> further = own(taken, i);
      if (further.isEmpty()) {
        return Optional.empty();
      }
      variants.add(variant(taken, i, Stored.of(further.get())));
    }
    return Optional.of(result.setVariants(variants).build());
  }

  private Variant variant(TakenRequest taken, int index, Stored image) {
    Variant.Builder variant =
        Variant.newBuilder()
            .setSeed(taken.seed(index))
            .setOutput(taken.output(bucket, index).toString())
            .setBytes(image.bytes())
            .setSha256(image.sha256())
            .setWidth(image.width())
            .setHeight(image.height());
    image.whatChanged().ifPresent(variant::setChanged);
    return variant.build();
  }

  /** What an image's metadata say of it. */
  private record Stored(
      long bytes, String sha256, int width, int height, @Nullable Changed changed) {

    static Stored of(Map<String, String> metadata) {
      String[] size = metadata.getOrDefault(SIZE, "0x0").split("x", 2);
      String changed = metadata.get(CHANGED);
      return new Stored(
          Long.parseLong(metadata.getOrDefault(BYTES, "0")),
          metadata.getOrDefault(SHA, ""),
          Integer.parseInt(size[0]),
          Integer.parseInt(size[1]),
          changed == null ? null : read(changed));
    }

    Optional<Changed> whatChanged() {
      return Optional.ofNullable(changed);
    }
  }

  /** Box and share, so that an answer from what stands says the same. */
  private static String written(Change change) {
    Box box = change.box();
    return box.left()
        + ","
        + box.top()
        + ","
        + box.width()
        + ","
        + box.height()
        + ","
        + change.share();
  }

  private static Changed read(String written) {
    String[] numbers = written.split(",", -1);
    return Changed.newBuilder()
        .setX(Integer.parseInt(numbers[0]))
        .setY(Integer.parseInt(numbers[1]))
        .setWidth(Integer.parseInt(numbers[2]))
        .setHeight(Integer.parseInt(numbers[3]))
        .setShare(Double.parseDouble(numbers[4]))
        .build();
  }
}
