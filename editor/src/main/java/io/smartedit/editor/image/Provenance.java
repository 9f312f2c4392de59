package io.smartedit.editor.image;

import org.jspecify.annotations.Nullable;

/**
 * Where an edited image comes from, as its file tells anybody: an XMP packet with IPTC's digital
 * source type for images that generative AI changed.
 *
 * @param model that edited
 * @param adapters of the model, as {@code NAME=SCALE,NAME=SCALE}; empty where there were none
 * @param seed that it edited with
 * @param requestId of the edit; null where nobody requested it by an id
 * @param whole whether every pixel is the model's, and none the source's own
 */
public record Provenance(
    String model, String adapters, long seed, @Nullable String requestId, boolean whole) {

  /** Of the software. */
  public static final String VERSION = "0.1.0";

  private static final String VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/";

  /** Of the model without adapters. */
  public Provenance(String model, long seed, @Nullable String requestId, boolean whole) {
    this(model, "", seed, requestId, whole);
  }

  /** A term of IPTC NewsCodes, vocabulary "digitalsourcetype". */
  public static String digitalSourceType(boolean whole) {
    return whole ? "trainedAlgorithmicMedia" : "compositeWithTrainedAlgorithmicMedia";
  }

  /** As XMP names it. */
  String sourceTypeAddress() {
    return VOCABULARY + digitalSourceType(whole);
  }
}
