package io.smartedit.store;

import io.smartedit.store.StoreException.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store in the heap, for tests and measurements that need none of S3. */
public final class InMemoryObjectStore implements ObjectStore {

  private final Set<String> buckets = ConcurrentHashMap.newKeySet();
  private final Map<ObjectName, Stored> objects = new ConcurrentHashMap<>();

  @Override
  public byte[] read(ObjectName name, long maxBytes) {
    Stored stored = objects.get(name);
    if (stored == null) {
      throw new StoreException(Kind.NOT_FOUND, name + " does not exist");
    }
    byte[] bytes = stored.bytes();
    if (bytes.length > maxBytes) {
      throw StoreException.tooLarge(name.toString(), maxBytes, bytes.length);
    }
    return bytes.clone();
  }

  @Override
  public void write(ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    requireBucket(name);
    objects.put(name, new Stored(bytes.clone(), Map.copyOf(metadata)));
  }

  @Override
  public boolean writeNew(
      ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    requireBucket(name);
    return objects.putIfAbsent(name, new Stored(bytes.clone(), Map.copyOf(metadata))) == null;
  }

  private void requireBucket(ObjectName name) {
    if (!buckets.contains(name.bucket())) {
      throw new StoreException(Kind.MISCONFIGURED, "bucket " + name.bucket() + " does not exist");
    }
  }

  @Override
  public Optional<Map<String, String>> metadata(ObjectName name) {
    requireBucket(name);
    return Optional.ofNullable(objects.get(name)).map(Stored::metadata);
  }

  @Override
  public void delete(ObjectName name) {
    objects.remove(name);
  }

  @Override
  public Optional<URI> readLink(ObjectName name, Duration valid) {
    return Optional.empty();
  }

  @Override
  public Optional<URI> writeLink(ObjectName name, String mediaType, long bytes, Duration valid) {
    return Optional.empty();
  }

  @Override
  public void ensureBucket(String bucket) {
    buckets.add(bucket);
  }

  @Override
  public void close() {
    objects.clear();
  }

  @SuppressWarnings("ArrayRecordComponent") // objects are neither compared nor hashed
  private record Stored(byte[] bytes, Map<String, String> metadata) {}
}
