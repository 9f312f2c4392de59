package io.smartedit.worker;

import io.smartedit.editor.composite.Box;
import io.smartedit.editor.composite.Change;
import io.smartedit.editor.image.Provenance;
import io.smartedit.events.Changed;
import io.smartedit.events.EditResult;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.StoreException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

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
   * The result of an earlier run of the same request, where there is one.
   *
   * @throws JobFailedException if what stands is another edit's
   */
  Optional<EditResult> standing(TakenRequest taken) {
    ObjectName name = taken.output(bucket);
    Map<String, String> metadata = metadata(name);
    if (metadata.isEmpty()) {
      return Optional.empty();
    }
    if (!RequestDigest.of(taken.request()).equals(metadata.get(DIGEST))) {
      throw JobFailedException.idReused(taken.requestId());
    }
    return Optional.of(result(name, metadata));
  }

  /** Where the result of another request of the same tenant and prefix lies, once it does. */
  Optional<ObjectName> resultOf(String requestId, TakenRequest taken) {
    return taken.outputsOf(requestId, bucket).stream()
        .filter(name -> !metadata(name).isEmpty())
        .findFirst();
  }

  /**
   * Stores a result; where one stands already, that one is the answer.
   *
   * @throws JobFailedException if what stands is another edit's
   */
  EditResult store(EncodedImage image) {
    TakenRequest taken = image.job().taken();
    ObjectName name = taken.output(bucket);
    String sha = DigestUtils.sha256Hex(image.bytes());
    Map<String, String> metadata = new HashMap<>();
    image.change().ifPresent(change -> metadata.put(CHANGED, written(change)));
    metadata.putAll(
        Map.of(
            DIGEST,
            RequestDigest.of(taken.request()),
            SHA,
            sha,
            SIZE,
            image.width() + "x" + image.height(),
            BYTES,
            Integer.toString(image.bytes().length),
            SOURCE_TYPE,
            Provenance.digitalSourceType(image.change().map(Change::isWhole).orElse(true)),
            SOURCE_CREDENTIALS,
            image.sourceCredentials()));
    boolean first = store.writeNew(name, image.bytes(), image.format().mediaType(), metadata);
    if (!first) { // the same request elsewhere, or another one of the same id
      return standing(taken)
          .orElseThrow(
              () ->
                  new StoreException(
                      StoreException.Kind.UNAVAILABLE, name + " was there and is not"));
    }
    return result(name, metadata);
  }

  /**
   * What the metadata beside an image say of it: the same in the first answer and in later ones.
   */
  private static EditResult result(ObjectName name, Map<String, String> metadata) {
    String[] size = metadata.getOrDefault(SIZE, "0x0").split("x", 2);
    EditResult.Builder result =
        EditResult.newBuilder()
            .setOutput(name.toString())
            .setBytes(Long.parseLong(metadata.getOrDefault(BYTES, "0")))
            .setSha256(metadata.getOrDefault(SHA, ""))
            .setWidth(Integer.parseInt(size[0]))
            .setHeight(Integer.parseInt(size[1]));
    Optional.ofNullable(metadata.get(SOURCE_CREDENTIALS)).ifPresent(result::setSourceCredentials);
    Optional.ofNullable(metadata.get(CHANGED)).map(ResultStore::read).ifPresent(result::setChanged);
    return result.build();
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

  /**
   * Of an object; empty where there is none. Who may not list a bucket is denied what does not
   * exist, so that denied means absent here; whether we may write, writing shows.
   */
  private Map<String, String> metadata(ObjectName name) {
    try {
      return store.metadata(name).orElse(Map.of());
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.DENIED) {
        return Map.of();
      }
      throw e;
    }
  }
}
