package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import io.smartedit.provenance.Container.EmbeddedStore;
import io.smartedit.provenance.Status.Kind;
import io.smartedit.provenance.Verdict.Trust;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The judging of one image's credentials (C2PA 2.2, 15). Takes time and memory in proportion to the
 * image, whatever its credentials say. Used once.
 */
final class Verifier {

  private static final String SIGNATURE = "c2pa.signature";
  private static final String ASSERTIONS = "c2pa.assertions";
  private static final String HARD_BINDING = "c2pa.hash.";

  private final byte[] image;
  private final TrustAnchors anchors;
  private final Clock clock;
  private final Findings findings = new Findings();
  private final Hashes hashes = new Hashes();

  Verifier(byte[] image, TrustAnchors anchors, Clock clock) {
    this.image = image;
    this.anchors = anchors;
    this.clock = clock;
  }

  /** A verdict, and the manifests where they can be read. */
  record Inspection(Verdict verdict, Optional<ManifestStore> store) {}

  Inspection inspect() {
    List<EmbeddedStore> embedded =
        Container.of(image).map(format -> format.find(image)).orElse(List.of());
    if (embedded.isEmpty()) {
      return new Inspection(Verdict.ABSENT, Optional.empty());
    }
    Optional<ManifestStore> store = read(embedded);
    SignatureCheck signature = new SignatureCheck(anchors, clock, findings);
    Optional<Claim> claim = store.flatMap(s -> claim(s, signature));
    if (store.isPresent() && claim.isPresent()) {
      validate(store.get(), claim.get(), embedded.get(0));
    }

    return new Inspection(
        new Verdict(
            findings.state(),
            anchors.isEmpty() ? Trust.NOT_JUDGED : signature.trust(),
            claim.map(Claim::generator).orElse(""),
            signature.signer(),
            signature.signedAt(),
            findings.all()),
        store);
  }

  private Optional<ManifestStore> read(List<EmbeddedStore> embedded) {
    if (embedded.size() > 1) {
      findings.fail("general.error", "", "image has " + embedded.size() + " manifest stores");
      return Optional.empty();
    }
    int length = embedded.get(0).bytes().length;
    if (length > ManifestStore.MAX_BYTES) {
      findings.pass("", length + " bytes of manifests exceed " + ManifestStore.MAX_BYTES);
      return Optional.empty();
    }
    try {
      return Optional.of(ManifestStore.read(embedded.get(0).bytes()));
    } catch (MalformedManifestException e) {
      findings.fail("general.error", "", "manifest store " + e.getMessage());
      return Optional.empty();
    }
  }

  /** The active manifest's claim, with its signature checked. */
  private Optional<Claim> claim(ManifestStore store, SignatureCheck check) {
    Superbox manifest = store.active();
    String uri = HashedUri.absolute(manifest.label());
    if (manifest.type().equals(Superbox.COMPRESSED_MANIFEST)) {
      findings.pass(uri, "the manifest is compressed");
      return Optional.empty();
    }
    List<Superbox> claims = manifest.boxes(Superbox.CLAIM);
    if (claims.size() != 1) {
      String code = claims.isEmpty() ? "claim.missing" : "claim.multiple";
      findings.fail(code, uri, "manifest has " + claims.size() + " claims");
      return Optional.empty();
    }
    Optional<Claim> claim = readClaim(claims.get(0), uri);
    if (claim.isEmpty()) {
      return claim;
    }
    Optional<Superbox> signature = store.resolve(claim.get().signature(), manifest);
    boolean own =
        signature.isPresent()
            && manifest.box(SIGNATURE).equals(signature)
            && signature.get().type().equals(Superbox.SIGNATURE);
    if (!own) {
      findings.fail("claimSignature.missing", uri, "claim's signature is not in its manifest");
      return Optional.empty();
    }
    check.check(
        signature.get(), claim.get().bytes(), HashedUri.absolute(manifest.label(), SIGNATURE));
    return claim;
  }

  private Optional<Claim> readClaim(Superbox box, String uri) {
    byte[] bytes;
    CBORObject map;
    try {
      bytes = box.cbor();
      map = Cbor.read("claim", bytes);
    } catch (MalformedManifestException e) {
      findings.fail("claim.cbor.invalid", uri, e.getMessage());
      return Optional.empty();
    }
    try {
      return Optional.of(Claim.read(box.label(), bytes, map));
    } catch (MalformedManifestException e) {
      findings.fail("claim.malformed", uri, e.getMessage());
      return Optional.empty();
    }
  }

  private void validate(ManifestStore store, Claim claim, EmbeddedStore embedded) {
    Superbox manifest = store.active();
    Map<String, Superbox> assertions = assertions(manifest, claim);
    if (claim.version() > 1) {
      new ActionsCheck(findings).check(manifest, assertions);
    }
    new IngredientsCheck(store, hashes, findings).check(manifest, claim, assertions);
    List<String> bindings =
        assertions.keySet().stream().filter(label -> label.startsWith(HARD_BINDING)).toList();
    if (manifest.type().equals(Superbox.UPDATE_MANIFEST)) {
      findings.pass(
          HashedUri.absolute(manifest.label()), "the manifest adds to another, which binds");
      return;
    }
    if (bindings.size() != 1) {
      String code =
          bindings.isEmpty() ? "claim.hardBindings.missing" : "assertion.multipleHardBindings";
      findings.fail(code, HashedUri.absolute(manifest.label()), bindings.size() + " hard bindings");
      return;
    }
    String label = bindings.get(0);
    String uri = HashedUri.absolute(manifest.label(), ASSERTIONS, label);
    Superbox binding = assertions.get(label);
    if (binding == null || !label.equals(DataHash.LABEL)) {
      findings.pass(uri, "the image is bound by another hash than " + DataHash.LABEL);
      return;
    }
    DataHash.check(binding, claim, uri, image, embedded, findings);
  }

  /** What the claim refers to and is as it was, by label. */
  private Map<String, Superbox> assertions(Superbox manifest, Claim claim) {
    Map<String, Superbox> stored = new LinkedHashMap<>();
    List<String> twice = new ArrayList<>();
    List<Superbox> all =
        manifest
            .box(ASSERTIONS)
            .filter(box -> box.type().equals(Superbox.ASSERTION_STORE))
            .map(Superbox::boxes)
            .orElse(List.of());
    for (Superbox assertion : all) {
      if (stored.put(assertion.label(), assertion) != null) {
        twice.add(assertion.label());
      }
    }
    stored.keySet().removeAll(twice); // an ambiguous label leads nowhere
    Map<String, Superbox> declared = new LinkedHashMap<>();
    for (HashedUri reference : claim.assertions()) {
      String[] path = HashedUri.path(reference.url(), manifest.label()).orElse(new String[0]);
      boolean own =
          path.length == 3 && path[0].equals(manifest.label()) && path[1].equals(ASSERTIONS);
      Superbox assertion = own ? stored.get(path[2]) : null;
      if (!own) {
        findings.fail("assertion.outsideManifest", reference.url(), "is not in its manifest");
      } else if (assertion == null) {
        findings.fail("assertion.missing", reference.url(), "is not in the manifest");
      } else {
        declared.put(assertion.label(), assertion);
        compare(
            assertion, claim, reference, HashedUri.absolute(manifest.label(), ASSERTIONS, path[2]));
      }
    }
    stored.keySet().stream()
        .filter(label -> !declared.containsKey(label))
        .forEach(
            label ->
                findings.fail(
                    "assertion.undeclared",
                    HashedUri.absolute(manifest.label(), ASSERTIONS, label),
                    "is not in the claim"));
    twice.forEach(
        label ->
            findings.fail(
                "assertion.undeclared",
                HashedUri.absolute(manifest.label(), ASSERTIONS, label),
                "is there more than once"));
    return declared;
  }

  private void compare(Superbox assertion, Claim claim, HashedUri reference, String uri) {
    String algorithm = claim.algorithm(reference);
    if (Hashes.digest(algorithm).isEmpty()) {
      findings.fail("algorithm.unsupported", uri, "hash algorithm '" + algorithm + "'");
      return;
    }
    boolean same = Arrays.equals(hashes.of(assertion, algorithm), reference.hash());
    findings.add(
        same ? Kind.SUCCESS : Kind.FAILURE,
        same ? "assertion.hashedURI.match" : "assertion.hashedURI.mismatch",
        uri,
        same ? "is what was signed" : "is not what was signed");
  }
}
