package io.smartedit.provenance;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A JUMBF superbox (ISO 19566-5): a described box of boxes, as a view onto the bytes it lies in.
 *
 * @param payload all but its header; what hashes of it are taken over
 * @param boxes superboxes within
 * @param contents other boxes within
 */
record Superbox(
    UUID type, String label, ByteBuffer payload, List<Superbox> boxes, List<Content> contents) {

  static final UUID STORE = c2pa("c2pa");
  static final UUID MANIFEST = c2pa("c2ma");
  static final UUID OLD_MANIFEST = c2pa("c2md");
  static final UUID UPDATE_MANIFEST = c2pa("c2um");
  static final UUID COMPRESSED_MANIFEST = c2pa("c2cm");
  static final UUID ASSERTION_STORE = c2pa("c2as");
  static final UUID CLAIM = c2pa("c2cl");
  static final UUID SIGNATURE = c2pa("c2cs");
  static final UUID CBOR = c2pa("cbor");

  private static final String SUPERBOX = "jumb";
  private static final String DESCRIPTION = "jumd";
  private static final int HEADER = 8;
  private static final int LONG_HEADER = 16;
  private static final int DESCRIBED = 16 + 1; // type and toggles
  private static final int LABELLED = 0x03;
  private static final int IDENTIFIED = 0x04;
  private static final int HASHED = 0x08;
  private static final int PRIVATE = 0x10; // a box of salt
  private static final int HASH = 32;

  private static final int MAX_DEPTH = 8; // C2PA itself needs 4
  private static final int MAX_BOXES = 10_000;

  /** A box that is no superbox. */
  record Content(String name, ByteBuffer bytes) {}

  /** Types that C2PA and JUMBF themselves name by four letters. */
  private static UUID c2pa(String name) {
    long letters = ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII)).getInt();
    return new UUID(letters << 32 | 0x0011_0010L, 0x8000_00AA_0038_9B71L);
  }

  /** A box's bytes. */
  static byte[] box(String name, byte[]... contents) {
    int length = HEADER;
    for (byte[] content : contents) {
      length = Math.addExact(length, content.length);
    }
    ByteBuffer box = ByteBuffer.allocate(length);
    box.putInt(length).put(name.getBytes(StandardCharsets.US_ASCII));
    for (byte[] content : contents) {
      box.put(content);
    }
    return box.array();
  }

  /** A superbox's bytes. */
  static byte[] write(UUID type, String label, List<byte[]> boxes) {
    byte[] name = label.getBytes(StandardCharsets.UTF_8);
    ByteBuffer description = ByteBuffer.allocate(DESCRIBED + name.length + 1);
    description.putLong(type.getMostSignificantBits()).putLong(type.getLeastSignificantBits());
    description.put((byte) LABELLED).put(name);
    List<byte[]> parts = new ArrayList<>();
    parts.add(box(DESCRIPTION, description.array()));
    parts.addAll(boxes);
    return box(SUPERBOX, parts.toArray(byte[][]::new));
  }

  /** The bytes of a superbox of one CBOR value. */
  static byte[] ofCbor(UUID type, String label, byte[] cbor) {
    return write(type, label, List.of(box("cbor", cbor)));
  }

  /** The hash of a written superbox, which does not include its header (C2PA 2.2, 8.4.2.3). */
  static byte[] hash(byte[] box) {
    MessageDigest digest = Hashes.sha256();
    digest.update(box, HEADER, box.length - HEADER);
    return digest.digest();
  }

  /**
   * Reads a superbox and all that is in it.
   *
   * @throws MalformedManifestException where it is none, or goes deeper or on longer than it may
   */
  static Superbox read(byte[] bytes) throws MalformedManifestException {
    ByteBuffer all = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    Content outer = next(all);
    if (!outer.name.equals(SUPERBOX)) {
      throw new MalformedManifestException("starts with a box '" + outer.name + "', not 'jumb'");
    }
    while (all.hasRemaining()) {
      if (all.get() != 0) {
        throw new MalformedManifestException("is followed by something that is no padding");
      }
    }
    return read(outer.bytes, 1, new int[] {MAX_BOXES});
  }

  private static Superbox read(ByteBuffer payload, int depth, int[] left)
      throws MalformedManifestException {
    if (depth > MAX_DEPTH) {
      throw new MalformedManifestException("nests deeper than " + MAX_DEPTH + " boxes");
    }
    ByteBuffer rest = payload.duplicate();
    Content description = next(rest);
    if (!description.name.equals(DESCRIPTION)) {
      throw new MalformedManifestException("has a superbox without a description");
    }
    ByteBuffer described = description.bytes.duplicate();
    if (described.remaining() < DESCRIBED) {
      throw new MalformedManifestException("has a description that is too short");
    }
    UUID type = new UUID(described.getLong(), described.getLong());
    int toggles = described.get();
    String label = label(described);
    int more = (toggles & IDENTIFIED) != 0 ? Integer.BYTES : 0;
    more += (toggles & HASHED) != 0 ? HASH : 0;
    boolean salted = (toggles & PRIVATE) != 0;
    if ((toggles & LABELLED) != LABELLED
        || (toggles & ~(LABELLED | IDENTIFIED | HASHED | PRIVATE)) != 0
        || described.remaining() < more
        || described.remaining() > more != salted) {
      throw new MalformedManifestException(
          "has a description of toggles " + toggles + " that lies");
    }
    List<Superbox> boxes = new ArrayList<>();
    List<Content> contents = new ArrayList<>();
    while (rest.hasRemaining()) {
      if (--left[0] < 0) {
        throw new MalformedManifestException("has more than " + MAX_BOXES + " boxes");
      }
      Content box = next(rest);
      if (box.name.equals(SUPERBOX)) {
        boxes.add(read(box.bytes, depth + 1, left));
      } else {
        contents.add(box);
      }
    }
    return new Superbox(type, label, payload, boxes, contents);
  }

  private static Content next(ByteBuffer from) throws MalformedManifestException {
    if (from.remaining() < HEADER) {
      throw new MalformedManifestException("breaks off in the header of a box");
    }
    int start = from.position();
    long length = from.getInt() & 0xFFFF_FFFFL;
    byte[] name = new byte[4];
    from.get(name);
    int header = HEADER;
    if (length == 1 && from.remaining() >= Long.BYTES) {
      length = from.getLong();
      header = LONG_HEADER;
    }
    if (length < header || length - header > from.remaining()) {
      throw new MalformedManifestException(
          "has a box of " + length + " bytes where " + (from.limit() - start) + " are left");
    }
    ByteBuffer bytes = from.slice(from.position(), (int) length - header);
    from.position(start + (int) length);
    return new Content(new String(name, StandardCharsets.ISO_8859_1), bytes);
  }

  private static String label(ByteBuffer described) throws MalformedManifestException {
    int end = described.position();
    while (end < described.limit() && described.get(end) != 0) {
      end++;
    }
    if (end == described.limit()) {
      throw new MalformedManifestException("has a label without an end");
    }
    ByteBuffer label = described.slice(described.position(), end - described.position());
    described.position(end + 1);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(label).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedManifestException("has a label that is not UTF-8", e);
    }
  }

  /** The box of that label within; none where it is ambiguous (C2PA 2.2, 8.4.1). */
  Optional<Superbox> box(String wanted) {
    List<Superbox> found = boxes.stream().filter(box -> box.label.equals(wanted)).toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  List<Superbox> boxes(UUID wanted) {
    return boxes.stream().filter(box -> box.type.equals(wanted)).toList();
  }

  /** The one CBOR box within. */
  byte[] cbor() throws MalformedManifestException {
    if (contents.isEmpty() || !contents.get(0).name.equals("cbor")) {
      throw new MalformedManifestException(label + " holds no CBOR");
    }
    ByteBuffer bytes = contents.get(0).bytes.duplicate();
    byte[] cbor = new byte[bytes.remaining()];
    bytes.get(cbor);
    return cbor;
  }

  /** The bytes that {@link #read} had, header and all. */
  byte[] bytes() {
    byte[] content = new byte[payload.remaining()];
    payload.duplicate().get(content);
    return box(SUPERBOX, content);
  }
}
