package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import com.upokecenter.cbor.CBORType;
import java.util.Optional;

/**
 * A reference to a box of the same manifest store, with the box's hash (C2PA 2.2, 8.4.2).
 *
 * @param algorithm of the hash; none where the claim says it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HashedUri(String url, Optional<String> algorithm, byte[] hash) {

  private static final String PREFIX = "self#jumbf=";

  /** To a manifest, or something in it. */
  static String absolute(String manifest, String... path) {
    String within = path.length == 0 ? "" : "/" + String.join("/", path);
    return PREFIX + "/c2pa/" + manifest + within;
  }

  /** To something in the manifest that says so. */
  static String relative(String... path) {
    return PREFIX + String.join("/", path);
  }

  static Optional<HashedUri> in(CBORObject map, String key) {
    return Cbor.get(map, key, CBORType.Map).flatMap(HashedUri::of);
  }

  static Optional<HashedUri> of(CBORObject map) {
    Optional<String> url = Cbor.text(map, "url");
    Optional<byte[]> hash = Cbor.bytes(map, "hash");
    return url.isEmpty() || hash.isEmpty()
        ? Optional.empty()
        : Optional.of(new HashedUri(url.get(), Cbor.text(map, "alg"), hash.get()));
  }

  CBORObject cbor() {
    CBORObject map = CBORObject.NewMap().Add("url", url).Add("hash", hash);
    algorithm.ifPresent(name -> map.Add("alg", name));
    return map;
  }

  /** From the store's root: the manifest's label, then what is in it. */
  static Optional<String[]> path(String url, String manifest) {
    if (!url.startsWith(PREFIX)) {
      return Optional.empty();
    }
    String path = url.substring(PREFIX.length());
    String root = path.startsWith("/") ? path : "/c2pa/" + manifest + "/" + path;
    return root.startsWith("/c2pa/")
        ? Optional.of(root.substring(6).split("/", -1))
        : Optional.empty();
  }
}
