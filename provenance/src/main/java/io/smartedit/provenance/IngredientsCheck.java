package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import io.smartedit.provenance.Status.Kind;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The check that the manifests of what an image was made from are those that its maker saw (C2PA
 * 2.2, 15.11.3.3.2). What they were worth then was judged then.
 */
final class IngredientsCheck {

  private static final String LABEL = "c2pa.ingredient";
  private static final Set<String> RELATIONS = Set.of("parentOf", "componentOf", "inputTo");

  private final ManifestStore store;
  private final Hashes hashes;
  private final Findings findings;

  IngredientsCheck(ManifestStore store, Hashes hashes, Findings findings) {
    this.store = store;
    this.hashes = hashes;
    this.findings = findings;
  }

  void check(Superbox manifest, Claim claim, Map<String, Superbox> assertions) {
    int parents = 0;
    for (Map.Entry<String, Superbox> assertion : assertions.entrySet()) {
      if (assertion.getKey().startsWith(LABEL)
          && !assertion.getKey().startsWith(LABEL + ".thumbnail")) {
        String uri = HashedUri.absolute(manifest.label(), "c2pa.assertions", assertion.getKey());
        parents += check(manifest, claim, assertion.getValue(), uri) ? 1 : 0;
      }
    }
    if (parents > 1) {
      findings.fail(
          "manifest.multipleParents",
          HashedUri.absolute(manifest.label()),
          "image was made from " + parents + " parents");
    }
  }

  /** Whether this is the parent. */
  private boolean check(Superbox manifest, Claim claim, Superbox assertion, String uri) {
    CBORObject ingredient;
    try {
      ingredient = Cbor.read("ingredient", assertion.cbor());
    } catch (MalformedManifestException e) {
      findings.fail("assertion.cbor.invalid", uri, e.getMessage());
      return false;
    }
    String relation = Cbor.text(ingredient, "relationship").orElse("");
    if (!RELATIONS.contains(relation)) {
      findings.fail("assertion.ingredient.malformed", uri, "relationship is '" + relation + "'");
      return false;
    }
    Optional<HashedUri> made =
        HashedUri.in(ingredient, "activeManifest")
            .or(() -> HashedUri.in(ingredient, "c2pa_manifest"));
    if (made.isPresent()) {
      compare(manifest, claim, made.get(), HashedUri.in(ingredient, "claimSignature"), uri);
    } else if (!relation.equals("inputTo")) {
      findings.note("ingredient.unknownProvenance", uri, "ingredient has no manifest");
    }
    return relation.equals("parentOf");
  }

  private void compare(
      Superbox manifest, Claim claim, HashedUri made, Optional<HashedUri> signature, String uri) {
    Optional<Superbox> box = store.resolve(made.url(), manifest);
    if (box.isEmpty()) {
      findings.fail("ingredient.manifest.missing", uri, made.url() + " is not there");
      return;
    }
    if (same(box.get(), claim, made)) {
      findings.add(Kind.SUCCESS, "ingredient.manifest.validated", uri, "is what its maker saw");
      return;
    }
    // What was redacted changes the manifest, and not its signature.
    boolean redacted =
        claim.redacted().stream().anyMatch(gone -> gone.contains("/" + box.get().label() + "/"));
    boolean signed =
        signature
            .flatMap(
                reference ->
                    store.resolve(reference.url(), manifest).filter(s -> same(s, claim, reference)))
            .isPresent();
    if (redacted && signed) {
      findings.add(
          Kind.SUCCESS, "ingredient.claimSignature.validated", uri, "is what its maker redacted");
    } else {
      findings.fail("ingredient.manifest.mismatch", uri, "is not what its maker saw");
    }
  }

  private boolean same(Superbox box, Claim claim, HashedUri reference) {
    String algorithm = claim.algorithm(reference);
    return Hashes.digest(algorithm).isPresent()
        && Arrays.equals(hashes.of(box, algorithm), reference.hash());
  }
}
