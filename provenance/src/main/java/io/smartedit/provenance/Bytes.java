package io.smartedit.provenance;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Numbers and names in the bytes of a file; every place is checked against its end. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Bytes(byte[] array, ByteOrder order) {

  int length() {
    return array.length;
  }

  boolean has(long from, long length) {
    return from >= 0 && length >= 0 && from + length <= array.length;
  }

  int byteAt(int at) {
    return array[at] & 0xFF;
  }

  int shortAt(int at) {
    return buffer().getShort(at) & 0xFFFF;
  }

  /** Unsigned. */
  long intAt(int at) {
    return buffer().getInt(at) & 0xFFFFFFFFL;
  }

  /** Four letters, or less where the file ends. */
  String nameAt(int at) {
    return has(at, 4) ? new String(array, at, 4, StandardCharsets.ISO_8859_1) : "";
  }

  private ByteBuffer buffer() {
    return ByteBuffer.wrap(array).order(order);
  }
}
