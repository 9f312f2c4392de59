package io.smartedit.provenance;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** An image file format that has a place for a manifest store. */
sealed interface Container permits Png, Jpeg, Webp {

  /** The format of an image, by its first bytes. */
  static Optional<Container> of(byte[] image) {
    return Stream.<Container>of(new Png(), new Jpeg(), new Webp())
        .filter(format -> format.begins(image))
        .findFirst();
  }

  boolean begins(byte[] image);

  String mediaType();

  /** The manifest stores of an image; as far as they go where the image ends too early. */
  List<EmbeddedStore> find(byte[] image);

  /**
   * The place for a new manifest store, with any old one gone.
   *
   * @throws MalformedImageException where the image is broken
   */
  Slot slot(byte[] image);

  /**
   * A manifest store as it lies in an image.
   *
   * @param start of all that belongs to it, as exclusions count
   * @param length from there
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record EmbeddedStore(int start, int length, byte[] bytes) {}

  /** The place for a manifest store in an image. */
  interface Slot {

    /** Where what belongs to the store starts. */
    int start();

    /** What belongs to a store of this length, headers and all. */
    int length(int store);

    /** The image with a store in its place. */
    byte[] fill(byte[] store);
  }
}
