package io.smartedit.store;

import io.smartedit.store.StoreException.Kind;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store in the heap, for tests and measurements that need none of S3. */
public final class InMemoryObjectStore implements ObjectStore {

  private final Set<String> buckets = ConcurrentHashMap.newKeySet();
  private final Map<ObjectName, Stored> objects = new ConcurrentHashMap<>();
  private final Clock clock;

  public InMemoryObjectStore() {
    this(Clock.systemUTC());
  }

  /** With another clock for when objects are written. */
  public InMemoryObjectStore(Clock clock) {
    this.clock = clock;
  }

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
    objects.put(name, stored(bytes, metadata));
  }

  @Override
  public boolean writeNew(
      ObjectName name, byte[] bytes, String mediaType, Map<String, String> metadata) {
    requireBucket(name);
    return objects.putIfAbsent(name, stored(bytes, metadata)) == null;
  }

  private Stored stored(byte[] bytes, Map<String, String> metadata) {
    return new Stored(bytes.clone(), Map.copyOf(metadata), clock.instant());
  }

  private void requireBucket(ObjectName name) {
    requireBucket(name.bucket());
  }

  private void requireBucket(String bucket) {
    if (!buckets.contains(bucket)) {
      throw new StoreException(Kind.MISCONFIGURED, "bucket " + bucket + " does not exist");
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
  public List<Listed> list(String bucket, String prefix, String after, int most) {
    requireBucket(bucket);
    return objects.entrySet().stream()
        .filter(entry -> entry.getKey().bucket().equals(bucket))
        .filter(entry -> entry.getKey().key().startsWith(prefix))
        .filter(entry -> entry.getKey().key().compareTo(after) > 0)
        .map(entry -> new Listed(entry.getKey(), entry.getValue().writtenAt()))
        .sorted(Comparator.comparing(listed -> listed.name().key()))
        .limit(most)
        .toList();
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
  private record Stored(byte[] bytes, Map<String, String> metadata, Instant writtenAt) {}
}
