package io.smartedit.client;

import java.io.InputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Stream;

/** Edits as JSON Lines, each written when it is read. */
final class JsonLines extends InputStream {

  private final Iterator<Edit> edits;
  private byte[] line = new byte[0];
  private int at;

  JsonLines(Stream<Edit> edits) {
    this.edits = edits.iterator();
  }

  @Override
  public int read() {
    return isAtEnd() ? -1 : line[at++] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (isAtEnd()) {
      return -1;
    }
    int count = Math.min(length, line.length - at);
    System.arraycopy(line, at, bytes, offset, count);
    at += count;
    return count;
  }

  private boolean isAtEnd() {
    if (at == line.length && edits.hasNext()) {
      byte[] json = Transport.write(SmartEditClient.body(edits.next()));
      line = Arrays.copyOf(json, json.length + 1);
      line[json.length] = '\n';
      at = 0;
    }
    return at == line.length;
  }
}
