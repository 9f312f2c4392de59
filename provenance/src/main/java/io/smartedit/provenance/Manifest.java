package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import io.smartedit.provenance.Status.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The manifest of an edit, but for its binding to an image and its signature.
 *
 * @param label it goes by
 * @param instance the image's own id
 * @param kept manifests of the source, as they are
 * @param told assertions about the edit
 */
record Manifest(
    String label, String instance, SoftwareAgent agent, List<byte[]> kept, List<Assertion> told) {

  private static final String ASSERTIONS = "c2pa.assertions";
  private static final String SIGNATURE = "c2pa.signature";
  private static final String INGREDIENT = "c2pa.ingredient.v3";
  private static final String ACTIONS = "c2pa.actions.v2";
  private static final String PARAMETER = "io.smartedit.";
  private static final int TIME = 0; // CBOR's tag of RFC 3339 times

  /** An assertion's name and the bytes of its box. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Assertion(String label, byte[] box) {

    static Assertion of(String label, byte[] cbor) {
      return new Assertion(label, Superbox.ofCbor(Superbox.CBOR, label, cbor));
    }

    CBORObject reference() {
      byte[] hash = Superbox.hash(box);
      return new HashedUri(HashedUri.relative(ASSERTIONS, label), Optional.empty(), hash).cbor();
    }
  }

  static Manifest of(Edit edit, SoftwareAgent agent, Instant when, Supplier<UUID> ids) {
    List<byte[]> kept =
        edit.source().store().stream()
            .flatMap(store -> store.box().boxes().stream())
            .map(Superbox::bytes)
            .toList();
    Assertion ingredient = Assertion.of(INGREDIENT, ingredient(edit.source()).EncodeToBytes());
    Assertion actions =
        Assertion.of(
            ACTIONS, actions(edit, ingredient.reference(), agent(agent), when).EncodeToBytes());
    return new Manifest(
        "urn:c2pa:" + ids.get(), "xmp:iid:" + ids.get(), agent, kept, List.of(ingredient, actions));
  }

  private static CBORObject ingredient(Source source) {
    CBORObject ingredient =
        CBORObject.NewMap()
            .Add("relationship", "parentOf")
            .Add("dc:title", source.title())
            .Add("instanceID", source.name());
    source.mediaType().ifPresent(type -> ingredient.Add("dc:format", type));
    Optional<Superbox> active =
        source
            .store()
            .map(ManifestStore::active)
            .filter(manifest -> !manifest.type().equals(Superbox.COMPRESSED_MANIFEST));
    active.ifPresent(
        manifest -> {
          String label = manifest.label();
          ingredient.Add("activeManifest", reference(HashedUri.absolute(label), manifest));
          manifest
              .box(SIGNATURE)
              .map(box -> reference(HashedUri.absolute(label, SIGNATURE), box))
              .ifPresent(signature -> ingredient.Add("claimSignature", signature));
          ingredient.Add("validationResults", results(source.verdict()));
        });
    return ingredient;
  }

  private static CBORObject reference(String url, Superbox box) {
    byte[] hash = new Hashes().of(box, Hashes.SHA256);
    return new HashedUri(url, Optional.of(Hashes.SHA256), hash).cbor();
  }

  /** What we found the source's credentials to be worth (C2PA 2.2, 18.15.12.4.3). */
  private static CBORObject results(Verdict verdict) {
    CBORObject codes = CBORObject.NewMap();
    for (Kind kind : Kind.values()) {
      CBORObject found = CBORObject.NewArray();
      verdict.findings().stream()
          .filter(finding -> finding.kind() == kind)
          .map(
              finding ->
                  CBORObject.NewMap()
                      .Add("code", finding.code())
                      .Add("url", finding.url())
                      .Add("explanation", finding.explanation()))
          .forEach(found::Add);
      codes.Add(kind.field(), found);
    }
    return CBORObject.NewMap().Add("activeManifest", codes);
  }

  private static CBORObject actions(
      Edit edit, CBORObject source, CBORObject agent, Instant instant) {
    CBORObject when =
        CBORObject.FromObjectAndTag(instant.truncatedTo(ChronoUnit.SECONDS).toString(), TIME);
    CBORObject opened =
        CBORObject.NewMap()
            .Add("action", "c2pa.opened")
            .Add("when", when)
            .Add("softwareAgent", agent)
            .Add(
                "parameters",
                CBORObject.NewMap().Add("ingredients", CBORObject.NewArray().Add(source)));
    CBORObject parameters =
        CBORObject.NewMap()
            .Add(PARAMETER + "model", edit.model())
            .Add(PARAMETER + "seed", edit.seed());
    if (!edit.adapters().isEmpty()) {
      CBORObject adapters = CBORObject.NewMap();
      edit.adapters().forEach(adapters::Add);
      parameters.Add(PARAMETER + "adapters", adapters);
    }
    if (edit.requestId() != null) {
      parameters.Add(PARAMETER + "request", edit.requestId());
    }
    CBORObject edited =
        CBORObject.NewMap()
            .Add("action", "c2pa.edited")
            .Add("when", when)
            .Add("softwareAgent", agent)
            .Add("digitalSourceType", edit.sourceType().uri())
            .Add("parameters", parameters);
    return CBORObject.NewMap()
        .Add("actions", CBORObject.NewArray().Add(opened).Add(edited))
        .Add("allActionsIncluded", true);
  }

  private static CBORObject agent(SoftwareAgent agent) {
    return CBORObject.NewMap().Add("name", agent.name()).Add("version", agent.version());
  }

  /** What is signed. */
  byte[] claim(byte[] binding) {
    CBORObject assertions = CBORObject.NewArray();
    all(binding).forEach(assertion -> assertions.Add(assertion.reference()));
    return CBORObject.NewMap()
        .Add("instanceID", instance)
        .Add("claim_generator_info", agent(agent))
        .Add("signature", HashedUri.absolute(label, SIGNATURE))
        .Add("created_assertions", assertions)
        .Add("alg", Hashes.SHA256)
        .EncodeToBytes();
  }

  /** The store of this manifest and all that are kept; this one last, which makes it active. */
  byte[] store(byte[] binding, byte[] claim, byte[] signature) {
    List<byte[]> assertions = all(binding).stream().map(Assertion::box).toList();
    byte[] manifest =
        Superbox.write(
            Superbox.MANIFEST,
            label,
            List.of(
                Superbox.write(Superbox.ASSERTION_STORE, ASSERTIONS, assertions),
                Superbox.ofCbor(Superbox.CLAIM, Claim.LABEL, claim),
                Superbox.ofCbor(Superbox.SIGNATURE, SIGNATURE, signature)));
    List<byte[]> manifests = new ArrayList<>(kept);
    manifests.add(manifest);
    return Superbox.write(Superbox.STORE, "c2pa", manifests);
  }

  private List<Assertion> all(byte[] binding) {
    List<Assertion> all = new ArrayList<>(told);
    all.add(Assertion.of(DataHash.LABEL, binding));
    return all;
  }
}
