package io.smartedit.provenance;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** WebP: the manifest store is the last chunk of the RIFF container (C2PA 2.2, A.3.6). */
record Webp() implements Container {

  private static final String STORE = "C2PA";
  private static final Set<String> FIRST = Set.of("VP8 ", "VP8L", "VP8X");
  private static final int FILE_HEADER = 12;
  private static final int HEADER = 8;

  @Override
  public boolean begins(byte[] image) {
    Bytes bytes = new Bytes(image, ByteOrder.LITTLE_ENDIAN);
    return bytes.nameAt(0).equals("RIFF") && bytes.nameAt(8).equals("WEBP");
  }

  @Override
  public String mediaType() {
    return "image/webp";
  }

  @Override
  public List<EmbeddedStore> find(byte[] image) {
    List<EmbeddedStore> stores = new ArrayList<>();
    for (Chunk chunk : chunks(image, false)) {
      if (chunk.name.equals(STORE)) {
        byte[] store = Arrays.copyOfRange(image, chunk.start + HEADER, chunk.end);
        stores.add(new EmbeddedStore(chunk.start, chunk.end - chunk.start, store));
      }
    }
    return stores;
  }

  @Override
  public Slot slot(byte[] image) {
    List<Chunk> chunks = chunks(image, true);
    if (chunks.isEmpty() || !FIRST.contains(chunks.get(0).name)) {
      throw new MalformedImageException(
          "WebP starts with "
              + (chunks.isEmpty() ? "nothing" : chunks.get(0).name)
              + ", not VP8, VP8L or VP8X");
    }
    ByteArrayOutputStream kept = new ByteArrayOutputStream(image.length);
    for (Chunk chunk : chunks) {
      if (!chunk.name.equals(STORE)) {
        kept.write(image, chunk.start, chunk.end - chunk.start);
        kept.writeBytes(new byte[kept.size() % 2]);
      }
    }
    return new WebpSlot(kept.toByteArray());
  }

  private static List<Chunk> chunks(byte[] image, boolean strict) {
    Bytes bytes = new Bytes(image, ByteOrder.LITTLE_ENDIAN);
    long end = HEADER + bytes.intAt(4);
    if (strict && end != image.length) {
      throw new MalformedImageException(
          "WebP says that it has " + end + " bytes, and has " + image.length);
    }
    List<Chunk> chunks = new ArrayList<>();
    long at = FILE_HEADER;
    while (at + HEADER <= Math.min(end, image.length)) {
      long chunkEnd = at + HEADER + bytes.intAt((int) at + 4);
      if (chunkEnd > image.length) {
        break;
      }
      chunks.add(new Chunk(bytes.nameAt((int) at), (int) at, (int) chunkEnd));
      at = chunkEnd + chunkEnd % 2;
    }
    if (strict && at != image.length) {
      throw new MalformedImageException("WebP breaks off in the chunk at " + at);
    }
    return chunks;
  }

  private record Chunk(String name, int start, int end) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record WebpSlot(byte[] chunks) implements Slot {

    @Override
    public int start() {
      return FILE_HEADER + chunks.length;
    }

    @Override
    public int length(int store) {
      return Math.addExact(store, HEADER);
    }

    @Override
    public byte[] fill(byte[] store) {
      int padded = store.length + store.length % 2;
      ByteBuffer image =
          ByteBuffer.allocate(Math.addExact(FILE_HEADER + chunks.length, HEADER + padded))
              .order(ByteOrder.LITTLE_ENDIAN);
      image.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(image.capacity() - HEADER);
      image.put("WEBP".getBytes(StandardCharsets.US_ASCII)).put(chunks);
      image.put(STORE.getBytes(StandardCharsets.US_ASCII)).putInt(store.length).put(store);
      return image.array();
    }
  }
}
