package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import com.upokecenter.cbor.CBORType;
import io.smartedit.provenance.Container.EmbeddedStore;
import io.smartedit.provenance.Status.Kind;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** The binding of a manifest to an image: a hash of all but the manifests (C2PA 2.2, 18.5). */
final class DataHash {

  static final String LABEL = "c2pa.hash.data";
  static final int HASH = 32;

  private static final String MALFORMED = "assertion.dataHash.malformed";
  private static final String MISMATCH = "assertion.dataHash.mismatch";

  private DataHash() {}

  static byte[] write(int start, int length, byte[] hash) {
    CBORObject exclusion = CBORObject.NewMap().Add("start", start).Add("length", length);
    return CBORObject.NewMap()
        .Add("exclusions", CBORObject.NewArray().Add(exclusion))
        .Add("name", "manifest store")
        .Add("alg", Hashes.SHA256)
        .Add("hash", hash)
        .Add("pad", new byte[0])
        .EncodeToBytes();
  }

  static void check(
      Superbox assertion,
      Claim claim,
      String uri,
      byte[] image,
      EmbeddedStore embedded,
      Findings findings) {
    CBORObject map;
    try {
      map = Cbor.read("data hash", assertion.cbor());
    } catch (MalformedManifestException e) {
      findings.fail("assertion.cbor.invalid", uri, e.getMessage());
      return;
    }
    String algorithm = Cbor.text(map, "alg").or(claim::algorithm).orElse("");
    Optional<MessageDigest> digest = Hashes.digest(algorithm);
    if (digest.isEmpty()) {
      findings.fail("algorithm.unsupported", uri, "hash algorithm '" + algorithm + "'");
      return;
    }
    List<CBORObject> exclusions = Cbor.list(map, "exclusions");
    int[] starts = new int[exclusions.size()];
    int[] ends = new int[exclusions.size()];
    for (int i = 0; i < starts.length; i++) {
      long start = number(exclusions.get(i), "start");
      long end = start + number(exclusions.get(i), "length");
      if (start < (i == 0 ? 0 : ends[i - 1]) || end < start) {
        findings.fail(MALFORMED, uri, "exclusions overlap, or are not in order");
        return;
      }
      if (end > image.length || reachesOut(start, end, embedded)) {
        findings.fail(MISMATCH, uri, "an exclusion is not where the manifests are");
        return;
      }
      starts[i] = (int) start;
      ends[i] = (int) end;
    }
    if (starts.length > 1) {
      findings.note("assertion.dataHash.additionalExclusionsPresent", uri, "not all is bound");
    }
    byte[] hash = Hashes.outside(digest.get(), image, starts, ends);
    boolean same = Cbor.bytes(map, "hash").filter(h -> MessageDigest.isEqual(h, hash)).isPresent();
    findings.add(
        same ? Kind.SUCCESS : Kind.FAILURE,
        same ? "assertion.dataHash.match" : MISMATCH,
        uri,
        same ? "the image is what was signed" : "the image is not what was signed");
  }

  /** Half within the manifests and half without would leave room for anything. */
  private static boolean reachesOut(long start, long end, EmbeddedStore embedded) {
    long storeEnd = (long) embedded.start() + embedded.length();
    boolean touches = start < storeEnd && end > embedded.start();
    return touches && (start < embedded.start() || end > storeEnd + 1); // RIFF pads by one byte
  }

  /** Below zero where there is none. */
  private static long number(CBORObject map, String key) {
    return Cbor.get(map, key, CBORType.Integer)
        .filter(value -> value.CanValueFitInInt64())
        .map(CBORObject::AsInt64Value)
        .filter(value -> value >= 0 && value <= Integer.MAX_VALUE)
        .orElse(Long.MIN_VALUE / 2);
  }
}
