package io.smartedit.standalone.local;

import com.google.common.hash.HashCode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.Blob;
import org.gaul.s3proxy.blobstore.domain.BlobAccess;
import org.gaul.s3proxy.blobstore.domain.BlobMetadata;
import org.gaul.s3proxy.blobstore.domain.MultipartPart;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.gaul.s3proxy.blobstore.domain.PageSet;
import org.gaul.s3proxy.blobstore.domain.StorageMetadata;
import org.gaul.s3proxy.blobstore.options.CopyOptions;
import org.gaul.s3proxy.blobstore.options.GetOptions;
import org.gaul.s3proxy.blobstore.options.ListContainerOptions;
import org.gaul.s3proxy.blobstore.options.PutOptions;
import org.jspecify.annotations.Nullable;

/**
 * Keys that a file system cannot tell apart or hold: in {@code a//b} the empty part becomes a
 * folder of its own; a part that is no file's name, or a key that is another key's folder, is
 * refused as a bad request.
 */
final class KeysAsFiles extends ForwardingBlobStore {

  private static final String EMPTY = "\u0001";
  private static final int LONGEST_PART = 255;

  KeysAsFiles(BlobStore files) {
    super(files);
  }

  static String path(String key) {
    StringBuilder path = new StringBuilder();
    boolean starts = true;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c == '/' && starts) {
        path.append(EMPTY);
      }
      path.append(c);
      starts = c == '/';
    }
    return path.toString();
  }

  static String key(String path) {
    return path.replace(EMPTY, "");
  }

  /** As {@link #path}, of a key that is written. */
  private static String newPath(String key) {
    for (String part : key.split("/", -1)) {
      if (part.getBytes(StandardCharsets.UTF_8).length > LONGEST_PART) {
        throw new IllegalArgumentException(
            "a part of the key has more than " + LONGEST_PART + " bytes");
      }
    }
    return path(key);
  }

  private static <T extends @Nullable Object> T written(String key, Supplier<T> write) {
    try {
      return write.get();
    } catch (RuntimeException e) {
      if (e.getCause() instanceof FileSystemException) {
        throw new IllegalArgumentException(
            "key " + key + " is the folder of another key, or another key is its folder", e);
      }
      throw e;
    }
  }

  @Override
  public boolean blobExists(String container, String key) {
    return delegate().blobExists(container, path(key));
  }

  @Override
  public BlobMetadata blobMetadata(String container, String key) {
    return delegate().blobMetadata(container, path(key));
  }

  @Override
  public Blob getBlob(String container, String key, GetOptions options) {
    return delegate().getBlob(container, path(key), options);
  }

  @Override
  public String putBlob(String container, Blob blob, PutOptions options) {
    String key = blob.getMetadata().name();
    Blob stored = blob.toBuilder().name(newPath(key)).build();
    return written(key, () -> delegate().putBlob(container, stored, options));
  }

  @Override
  public String copyBlob(
      String container, String key, String toContainer, String toKey, CopyOptions options) {
    String to = newPath(toKey);
    return written(
        toKey, () -> delegate().copyBlob(container, path(key), toContainer, to, options));
  }

  @Override
  public void removeBlob(String container, String key) {
    delegate().removeBlob(container, path(key));
  }

  @Override
  public void removeBlobs(String container, Iterable<String> keys) {
    delegate()
        .removeBlobs(
            container,
            StreamSupport.stream(keys.spliterator(), false).map(KeysAsFiles::path).toList());
  }

  @Override
  public BlobAccess getBlobAccess(String container, String key) {
    return delegate().getBlobAccess(container, path(key));
  }

  @Override
  public void setBlobAccess(String container, String key, BlobAccess access) {
    delegate().setBlobAccess(container, path(key), access);
  }

  @Override
  public PageSet<? extends StorageMetadata> list(String container, ListContainerOptions options) {
    ListContainerOptions stored =
        new ListContainerOptions(
            options.maxResults(),
            options.marker() == null ? null : path(options.marker()),
            options.delimiter(),
            options.prefix() == null ? null : path(options.prefix()));
    PageSet<? extends StorageMetadata> page = delegate().list(container, stored);
    List<StorageMetadata> named = new ArrayList<>();
    page.forEach(entry -> named.add(named(entry)));
    String next = page.nextMarker();
    return new PageSet<>(named, next == null ? null : key(next));
  }

  private static StorageMetadata named(StorageMetadata entry) {
    return entry instanceof BlobMetadata blob ? renamed(blob, key(blob.name())) : entry;
  }

  private static BlobMetadata renamed(BlobMetadata blob, String name) {
    return new BlobMetadata(
        blob.type(),
        name,
        blob.userMetadata(),
        blob.eTag(),
        blob.lastModified(),
        blob.storageClass(),
        blob.container(),
        blob.contentMetadata());
  }

  @Override
  public MultipartUpload initiateMultipartUpload(
      String container, BlobMetadata metadata, PutOptions options) {
    BlobMetadata stored = renamed(metadata, newPath(metadata.name()));
    return delegate().initiateMultipartUpload(container, stored, options);
  }

  private static MultipartUpload stored(MultipartUpload upload) {
    BlobMetadata metadata = upload.blobMetadata();
    return new MultipartUpload(
        upload.containerName(),
        path(upload.blobName()),
        upload.id(),
        metadata == null ? null : renamed(metadata, path(metadata.name())),
        upload.putOptions());
  }

  @Override
  public void abortMultipartUpload(MultipartUpload upload) {
    delegate().abortMultipartUpload(stored(upload));
  }

  @Override
  public String completeMultipartUpload(MultipartUpload upload, List<MultipartPart> parts) {
    return written(
        upload.blobName(), () -> delegate().completeMultipartUpload(stored(upload), parts));
  }

  @Override
  public MultipartPart uploadMultipartPart(
      MultipartUpload upload, int number, InputStream part, long length, HashCode md5) {
    return delegate().uploadMultipartPart(stored(upload), number, part, length, md5);
  }

  @Override
  public List<MultipartPart> listMultipartUpload(MultipartUpload upload) {
    return delegate().listMultipartUpload(stored(upload));
  }

  @Override
  public List<MultipartUpload> listMultipartUploads(String container) {
    return delegate().listMultipartUploads(container).stream()
        .map(
            upload ->
                new MultipartUpload(
                    upload.containerName(),
                    key(upload.blobName()),
                    upload.id(),
                    upload.blobMetadata(),
                    upload.putOptions()))
        .toList();
  }
}
