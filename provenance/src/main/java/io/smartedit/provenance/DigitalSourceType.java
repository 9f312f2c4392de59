package io.smartedit.provenance;

/** What an image is made of, as IPTC's vocabulary has it. */
public enum DigitalSourceType {
  /** A photograph or drawing that a model changed in part. */
  COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA("compositeWithTrainedAlgorithmicMedia"),
  /** All of it comes from a model. */
  TRAINED_ALGORITHMIC_MEDIA("trainedAlgorithmicMedia");

  private static final String VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/";

  private final String term;

  DigitalSourceType(String term) {
    this.term = term;
  }

  /**
   * What an edit makes of an image.
   *
   * @param whole whether every pixel is the model's, and none the source's own
   */
  public static DigitalSourceType of(boolean whole) {
    return whole ? TRAINED_ALGORITHMIC_MEDIA : COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA;
  }

  /** The term's address. */
  public String uri() {
    return VOCABULARY + term;
  }
}
