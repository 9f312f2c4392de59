package io.smartedit.provenance;

import com.upokecenter.cbor.CBORException;
import com.upokecenter.cbor.CBORObject;
import com.upokecenter.cbor.CBORType;
import java.util.List;
import java.util.Optional;

/** CBOR as C2PA has it: written in deterministic order, read within limits. */
final class Cbor {

  /** Claims and assertions that are read have a few kilobytes. */
  static final int MAX_BYTES = 1 << 19;

  private Cbor() {}

  /**
   * Reads one value.
   *
   * @throws MalformedManifestException where it is not well-formed, or not alone
   */
  static CBORObject read(String name, byte[] bytes) throws MalformedManifestException {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedManifestException(
          name + " of " + bytes.length + " bytes exceeds " + MAX_BYTES);
    }
    try {
      return CBORObject.DecodeFromBytes(bytes);
    } catch (CBORException e) {
      throw new MalformedManifestException(name + " is not well-formed CBOR", e);
    }
  }

  static Optional<CBORObject> get(CBORObject map, Object key, CBORType type) {
    if (map.getType() != CBORType.Map) {
      return Optional.empty();
    }
    CBORObject value = map.get(CBORObject.FromObject(key));
    return value != null && value.getType() == type ? Optional.of(value) : Optional.empty();
  }

  static Optional<String> text(CBORObject map, Object key) {
    return get(map, key, CBORType.TextString).map(CBORObject::AsString);
  }

  static Optional<byte[]> bytes(CBORObject map, Object key) {
    return get(map, key, CBORType.ByteString).map(CBORObject::GetByteString);
  }

  /** The elements of an array; none where there is no array. */
  static List<CBORObject> list(CBORObject map, Object key) {
    return get(map, key, CBORType.Array)
        .map(array -> List.copyOf(array.getValues()))
        .orElse(List.of());
  }
}
