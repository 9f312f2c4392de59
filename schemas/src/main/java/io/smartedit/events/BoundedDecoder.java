package io.smartedit.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;

/**
 * Avro's binary decoder with an end to its patience: what it does is bounded by the bytes that are
 * there, whatever they claim.
 *
 * <p>Avro believes a block that promises a billion items of no bytes each. Here every value read
 * and every item promised is paid for from a purse that grows with the record alone.
 */
final class BoundedDecoder extends Decoder {

  /** Values and items that cost no bytes; a proper event has a handful of nulls. */
  private static final int FREE = 10_000;

  private final BinaryDecoder bytes;
  private long purse;

  BoundedDecoder(byte[] record, int offset) {
    int length = record.length - offset;
    bytes = DecoderFactory.get().binaryDecoder(record, offset, length, null);
    purse = FREE + 4L * length;
  }

  /** Whether all bytes were read. */
  boolean isEnd() throws IOException {
    return bytes.isEnd();
  }

  private void pay(long price) {
    if (price > purse) {
      throw new AvroRuntimeException("the record claims more than its bytes can hold");
    }
    purse -= price;
  }

  /** A block's number of items, or 0 where there are no more. */
  private long paid(long items) {
    if (items < 0) {
      throw new AvroRuntimeException("a block of the record has " + items + " items");
    }
    pay(items);
    return items;
  }

  private BinaryDecoder one() {
    pay(1);
    return bytes;
  }

  @Override
  public void readNull() throws IOException {
    one().readNull();
  }

  @Override
  public boolean readBoolean() throws IOException {
    return one().readBoolean();
  }

  @Override
  public int readInt() throws IOException {
    return one().readInt();
  }

  @Override
  public long readLong() throws IOException {
    return one().readLong();
  }

  @Override
  public float readFloat() throws IOException {
    return one().readFloat();
  }

  @Override
  public double readDouble() throws IOException {
    return one().readDouble();
  }

  @Override
  public Utf8 readString(Utf8 old) throws IOException {
    return one().readString(old);
  }

  @Override
  public String readString() throws IOException {
    return one().readString();
  }

  @Override
  public void skipString() throws IOException {
    one().skipString();
  }

  @Override
  public ByteBuffer readBytes(ByteBuffer old) throws IOException {
    return one().readBytes(old);
  }

  @Override
  public void skipBytes() throws IOException {
    one().skipBytes();
  }

  @Override
  public void readFixed(byte[] into, int start, int length) throws IOException {
    one().readFixed(into, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    one().skipFixed(length);
  }

  @Override
  public int readEnum() throws IOException {
    return one().readEnum();
  }

  @Override
  public long readArrayStart() throws IOException {
    return paid(one().readArrayStart());
  }

  @Override
  public long arrayNext() throws IOException {
    return paid(one().arrayNext());
  }

  @Override
  public long skipArray() throws IOException {
    return paid(one().skipArray());
  }

  @Override
  public long readMapStart() throws IOException {
    return paid(one().readMapStart());
  }

  @Override
  public long mapNext() throws IOException {
    return paid(one().mapNext());
  }

  @Override
  public long skipMap() throws IOException {
    return paid(one().skipMap());
  }

  @Override
  public int readIndex() throws IOException {
    return one().readIndex();
  }
}
