package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import com.upokecenter.cbor.CBORType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a manifest claims, as it was signed (C2PA 2.2, 10.2).
 *
 * @param bytes that are signed
 * @param version 1 or 2
 * @param assertions references to them
 * @param algorithm of hashes that do not say theirs; none where every hash says it
 * @param redacted assertions of other manifests that are no longer there
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Claim(
    byte[] bytes,
    int version,
    String signature,
    String generator,
    List<HashedUri> assertions,
    Optional<String> algorithm,
    List<String> redacted) {

  static final String LABEL = "c2pa.claim.v2";

  private static final String OLD_LABEL = "c2pa.claim";
  private static final int MAX_NAME = 200;

  /**
   * Reads a claim.
   *
   * @throws MalformedManifestException where something is missing
   */
  static Claim read(String label, byte[] bytes, CBORObject map) throws MalformedManifestException {
    if (!label.equals(LABEL) && !label.equals(OLD_LABEL)) {
      throw new MalformedManifestException("claim is of an unknown version, '" + label + "'");
    }
    int version = label.equals(OLD_LABEL) ? 1 : 2;
    List<CBORObject> listed = new ArrayList<>();
    for (String key :
        version == 1
            ? List.of("assertions")
            : List.of("created_assertions", "gathered_assertions")) {
      listed.addAll(Cbor.list(map, key));
    }
    Optional<CBORObject> info = Cbor.get(map, "claim_generator_info", CBORType.Map);
    Optional<String> name =
        version == 1 ? Cbor.text(map, "claim_generator") : info.flatMap(i -> Cbor.text(i, "name"));
    Optional<String> signature = Cbor.text(map, "signature");
    List<HashedUri> assertions = listed.stream().flatMap(m -> HashedUri.of(m).stream()).toList();
    if (signature.isEmpty()
        || name.isEmpty()
        || listed.isEmpty()
        || assertions.size() != listed.size()
        || Cbor.text(map, "instanceID").isEmpty()) {
      throw new MalformedManifestException(
          "claim lacks an id, its generator's name, a signature or assertions with hashes");
    }
    String generator =
        name.get() + info.flatMap(i -> Cbor.text(i, "version")).map(v -> " " + v).orElse("");
    return new Claim(
        bytes,
        version,
        signature.get(),
        generator.substring(0, Math.min(MAX_NAME, generator.length())),
        assertions,
        Cbor.text(map, "alg"),
        Cbor.list(map, "redacted_assertions").stream()
            .filter(uri -> uri.getType() == CBORType.TextString)
            .map(CBORObject::AsString)
            .toList());
  }

  /** The algorithm of a hash; empty where nothing says it. */
  String algorithm(HashedUri reference) {
    return reference.algorithm().or(this::algorithm).orElse("");
  }
}
