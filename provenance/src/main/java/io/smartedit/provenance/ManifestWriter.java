package io.smartedit.provenance;

import io.smartedit.provenance.Container.Slot;
import java.time.Clock;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The writing of a manifest into an image. A manifest tells where it lies and how long it is
 * itself, so its length is found first and its content then.
 */
final class ManifestWriter {

  /** Zeros beside a time-stamp stay where CBOR writes their number in two bytes. */
  private static final int LEAST_PAD = 256;

  private static final int RESERVE = 12 << 10; // a token with its chain has about 6 KiB
  private static final int NO_PAD = -1;
  private static final byte[] NO_TOKEN = {};

  private final SoftwareAgent agent;
  private final SigningKey key;
  private final @Nullable TimestampAuthority timestamps;
  private final Clock clock;
  private final Supplier<UUID> ids;

  /**
   * @param timestamps signs when something was signed; null for nobody
   * @param ids of manifests and images
   */
  ManifestWriter(
      SoftwareAgent agent,
      SigningKey key,
      @Nullable TimestampAuthority timestamps,
      Clock clock,
      Supplier<UUID> ids) {
    this.agent = agent;
    this.key = key;
    this.timestamps = timestamps;
    this.clock = clock;
    this.ids = ids;
  }

  /** The image with the edit's manifest, and all that its source had. */
  byte[] write(Slot slot, Edit edit) throws InterruptedException {
    Manifest manifest = Manifest.of(edit, agent, clock.instant(), ids);
    byte[] header = Sign1.header(key);
    byte[] anySignature = key.sign(header, clock); // all of a key's have one length
    int pad = timestamps == null ? NO_PAD : RESERVE;
    while (true) {
      int signatureLength = Sign1.write(header, anySignature, NO_TOKEN, pad).length;
      int excluded = excluded(slot, manifest, signatureLength);
      byte[] binding = binding(slot, manifest, excluded, signatureLength);
      byte[] claim = manifest.claim(binding);
      byte[] signature = key.sign(Sign1.toBeSigned(header, claim), clock);
      byte[] token =
          timestamps == null ? NO_TOKEN : timestamps.stamp(Sign1.toBeStamped(header, signature));
      if (timestamps != null) {
        int left = signatureLength - Sign1.write(header, signature, token, LEAST_PAD).length;
        if (left < 0) {
          pad = token.length + RESERVE;
          continue; // longer, so that all that was hashed and signed is void
        }
        pad = LEAST_PAD + left;
      }
      byte[] sign1 = Sign1.write(header, signature, token, pad);
      return slot.fill(manifest.store(binding, claim, sign1));
    }
  }

  /** How much of the image the manifest says not to hash, which its own length depends on. */
  private static int excluded(Slot slot, Manifest manifest, int signatureLength) {
    int excluded = 0;
    int next = slot.length(length(slot, manifest, excluded, signatureLength));
    while (next != excluded) { // a greater number is no shorter, so this ends
      excluded = next;
      next = slot.length(length(slot, manifest, excluded, signatureLength));
    }
    return excluded;
  }

  private static int length(Slot slot, Manifest manifest, int excluded, int signatureLength) {
    byte[] binding = DataHash.write(slot.start(), excluded, new byte[DataHash.HASH]);
    return manifest.store(binding, manifest.claim(binding), new byte[signatureLength]).length;
  }

  private static byte[] binding(Slot slot, Manifest manifest, int excluded, int signatureLength) {
    byte[] image = slot.fill(new byte[length(slot, manifest, excluded, signatureLength)]);
    int[] starts = {slot.start()};
    int[] ends = {slot.start() + excluded};
    byte[] hash = Hashes.outside(Hashes.sha256(), image, starts, ends);
    return DataHash.write(slot.start(), excluded, hash);
  }
}
