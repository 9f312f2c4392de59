package io.smartedit.worker;

import io.smartedit.editor.composite.Box;
import io.smartedit.editor.composite.Mask;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageHeader;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.events.EditRequested;
import io.smartedit.events.Region;
import org.jspecify.annotations.Nullable;

/**
 * A job's source as it was read, and its mask where it names one: what the change is laid into once
 * it is known. Kept as files, which are a tenth of their pixels. Handed from stage to stage, so
 * that one thread has it at a time.
 */
final class KeptSource {

  private final byte[] bytes;
  private final byte @Nullable [] mask;
  private final ByteBudget.Lease lease;
  private long decodingBytes;

  /**
   * @param lease of the bytes of both files
   */
  KeptSource(byte[] bytes, byte @Nullable [] mask, ByteBudget.Lease lease) {
    this.bytes = bytes;
    this.mask = mask;
    this.lease = lease;
  }

  byte[] bytes() {
    return bytes;
  }

  byte @Nullable [] mask() {
    return mask;
  }

  ByteBudget.Lease lease() {
    return lease;
  }

  /** Memory that {@link #image} and {@link #allowed} take at most; the files are looked at once. */
  long decodingBytes(ImageLimits limits) {
    if (decodingBytes == 0) {
      long most = ImageHeader.read(bytes, limits).decodingBytes();
      decodingBytes = mask == null ? most : most + ImageHeader.read(mask, limits).decodingBytes();
    }
    return decodingBytes;
  }

  FullImage image(ImageLimits limits) {
    return ImageCodec.decodeFull(bytes, limits);
  }

  /** Where the source may change at all; null for everywhere. */
  @Nullable Mask allowed(EditRequested request, ImageLimits limits) {
    Region region = request.getOptions().getRegion();
    if (mask != null) {
      try {
        return new Mask.Levels(ImageCodec.decode(mask, limits));
      } catch (BadRequestException e) {
        throw JobFailedException.rejected("options.mask: " + e.getMessage(), e);
      }
    }
    return region == null
        ? null
        : new Mask.Region(
            new Box(region.getX(), region.getY(), region.getWidth(), region.getHeight()));
  }
}
