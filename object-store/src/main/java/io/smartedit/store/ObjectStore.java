package io.smartedit.store;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where images are kept. An object appears whole or not at all; a later write of the same name
 * replaces it. Implementations are thread-safe and do not retry: their caller does.
 */
public interface ObjectStore extends AutoCloseable {

  /**
   * Reads a whole object.
   *
   * @param maxBytes more than this is refused before it is read
   * @throws StoreException of any kind
   */
  byte[] read(ObjectName name, long maxBytes);

  /**
   * Writes a whole object.
   *
   * @param metadata kept with the object; keys in lower case
   * @throws StoreException {@code MISCONFIGURED} also where there is no such bucket; {@code
   *     TOO_LARGE} or {@code UNAVAILABLE}
   */
  void write(ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata);

  /**
   * As {@link #write}, but only where the name is free, so that of two writers one wins. Where a
   * store knows no conditional writes, two at the same moment may both win, and the later stays.
   *
   * @return false where there is an object of this name; it stays as it is
   */
  boolean writeNew(ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata);

  /**
   * The metadata an object was written with, keys in lower case; empty where there is no object.
   *
   * @throws StoreException {@code MISCONFIGURED} also where there is no such bucket; or {@code
   *     UNAVAILABLE}
   */
  Optional<Map<String, String>> metadata(ObjectName name);

  /**
   * Deletes an object; one that is not there will do.
   *
   * @throws StoreException {@code MISCONFIGURED} or {@code UNAVAILABLE}
   */
  void delete(ObjectName name);

  /**
   * Objects of a bucket whose keys begin with a prefix, in the order of their keys.
   *
   * @param after a key, behind which the list begins; empty for the first
   * @param most that are listed; where there are fewer, there are no more
   * @throws StoreException {@code MISCONFIGURED} also where there is no such bucket; or {@code
   *     UNAVAILABLE}
   */
  List<Listed> list(String bucket, String prefix, String after, int most);

  /** An object, and when it was last written. */
  record Listed(ObjectName name, Instant writtenAt) {}

  /**
   * An address under which anybody reads an object, for some time; empty where the store has no
   * such addresses. Whether there is the object is not looked at.
   */
  Optional<URI> readLink(ObjectName name, Duration valid);

  /**
   * An address under which anybody writes an object of just this type and size with a PUT, for some
   * time; empty where the store has no such addresses.
   */
  Optional<URI> writeLink(ObjectName name, String mediaType, long bytes, Duration valid);

  /**
   * Makes a bucket where there is none. Where the keys may not ask for it, nothing happens: the
   * first write tells.
   */
  void ensureBucket(String bucket);

  @Override
  void close();
}
