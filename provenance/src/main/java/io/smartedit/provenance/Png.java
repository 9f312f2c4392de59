package io.smartedit.provenance;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/** PNG: the manifest store is a {@code caBX} chunk behind the header (C2PA 2.2, A.3.2). */
record Png() implements Container {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final String STORE = "caBX";
  private static final int AROUND = 12; // length, name and checksum

  @Override
  public boolean begins(byte[] image) {
    return image.length >= SIGNATURE.length
        && Arrays.equals(SIGNATURE, Arrays.copyOf(image, SIGNATURE.length));
  }

  @Override
  public String mediaType() {
    return "image/png";
  }

  @Override
  public List<EmbeddedStore> find(byte[] image) {
    List<EmbeddedStore> stores = new ArrayList<>();
    for (Chunk chunk : chunks(image, false)) {
      if (chunk.name.equals(STORE)) {
        // What is wrong by its own checksum is no store, and is there all the same.
        int end = chunk.matchesChecksum(image) ? chunk.end - 4 : chunk.start + 8;
        byte[] store = Arrays.copyOfRange(image, chunk.start + 8, end);
        stores.add(new EmbeddedStore(chunk.start, chunk.end - chunk.start, store));
      }
    }
    return stores;
  }

  @Override
  public Slot slot(byte[] image) {
    List<Chunk> chunks = chunks(image, true);
    if (!chunks.get(0).name.equals("IHDR")) {
      throw new MalformedImageException("PNG starts with " + chunks.get(0).name + ", not IHDR");
    }
    if (chunks.stream().noneMatch(chunk -> chunk.name.equals("IDAT"))) {
      throw new MalformedImageException("PNG has no pixels (IDAT)");
    }
    int start = chunks.get(0).end;
    ByteArrayOutputStream rest = new ByteArrayOutputStream(image.length);
    chunks.stream()
        .skip(1)
        .filter(chunk -> !chunk.name.equals(STORE))
        .forEach(chunk -> rest.write(image, chunk.start, chunk.end - chunk.start));
    return new PngSlot(Arrays.copyOf(image, start), rest.toByteArray());
  }

  private static List<Chunk> chunks(byte[] image, boolean strict) {
    Bytes bytes = new Bytes(image, ByteOrder.BIG_ENDIAN);
    List<Chunk> chunks = new ArrayList<>();
    int at = SIGNATURE.length;
    while (bytes.has(at, AROUND) && bytes.has(at, AROUND + bytes.intAt(at))) {
      int end = at + AROUND + (int) bytes.intAt(at);
      Chunk chunk = new Chunk(bytes.nameAt(at + 4), at, end);
      if (strict && !chunk.matchesChecksum(image)) {
        throw new MalformedImageException(
            "PNG chunk " + chunk.name + " at " + at + " does not match its checksum");
      }
      chunks.add(chunk);
      if (chunk.name.equals("IEND")) {
        return chunks;
      }
      at = end;
    }
    if (strict) {
      throw new MalformedImageException("PNG of " + image.length + " bytes ends without IEND");
    }
    return chunks;
  }

  private static long checksum(byte[] bytes, int from, int to) {
    CRC32 checksum = new CRC32();
    checksum.update(bytes, from, to - from);
    return checksum.getValue();
  }

  private record Chunk(String name, int start, int end) {

    boolean matchesChecksum(byte[] image) {
      return new Bytes(image, ByteOrder.BIG_ENDIAN).intAt(end - 4)
          == checksum(image, start + 4, end - 4);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record PngSlot(byte[] before, byte[] after) implements Slot {

    @Override
    public int start() {
      return before.length;
    }

    @Override
    public int length(int store) {
      return Math.addExact(store, AROUND);
    }

    @Override
    public byte[] fill(byte[] store) {
      ByteBuffer chunk = ByteBuffer.allocate(length(store.length));
      chunk.putInt(store.length).put(STORE.getBytes(StandardCharsets.US_ASCII)).put(store);
      chunk.putInt((int) checksum(chunk.array(), 4, 8 + store.length));
      ByteBuffer image =
          ByteBuffer.allocate(Math.addExact(before.length + after.length, chunk.capacity()));
      return image.put(before).put(chunk.array()).put(after).array();
    }
  }
}
