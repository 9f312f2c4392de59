package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import com.upokecenter.cbor.CBORType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The check that a manifest tells how its image came to be: it was created or opened first (C2PA
 * 2.2, 18.14.2).
 */
final class ActionsCheck {

  private static final String LABEL = "c2pa.actions";
  private static final Set<String> BEGINNINGS = Set.of("c2pa.created", "c2pa.opened");

  private final Findings findings;

  ActionsCheck(Findings findings) {
    this.findings = findings;
  }

  void check(Superbox manifest, Map<String, Superbox> assertions) {
    String uri = HashedUri.absolute(manifest.label(), "c2pa.assertions", LABEL);
    List<String> all = new ArrayList<>();
    boolean begins = false;
    for (Map.Entry<String, Superbox> assertion : assertions.entrySet()) {
      if (assertion.getKey().equals(LABEL)
          || assertion.getKey().startsWith(LABEL + ".")
          || assertion.getKey().startsWith(LABEL + "__")) {
        List<String> actions = actions(assertion.getValue(), uri);
        begins |= !actions.isEmpty() && BEGINNINGS.contains(actions.get(0));
        all.addAll(actions);
      }
    }
    boolean update = manifest.type().equals(Superbox.UPDATE_MANIFEST);
    if (!update && !begins) {
      findings.fail("assertion.action.malformed", uri, "image was neither created nor opened");
    }
    if (all.stream().filter(BEGINNINGS::contains).count() > 1) {
      findings.fail("assertion.action.malformed", uri, "image was created or opened twice");
    }
  }

  private List<String> actions(Superbox assertion, String uri) {
    try {
      List<CBORObject> actions =
          Cbor.list(Cbor.read("actions assertion", assertion.cbor()), "actions");
      List<String> names =
          actions.stream().flatMap(action -> Cbor.text(action, "action").stream()).toList();
      if (names.isEmpty() || names.size() != actions.size()) {
        findings.fail("assertion.action.malformed", uri, "has no actions, or one without a name");
      }
      boolean opensNothing =
          actions.stream()
              .filter(
                  action -> Cbor.text(action, "action").filter("c2pa.opened"::equals).isPresent())
              .anyMatch(
                  action ->
                      Cbor.get(action, "parameters", CBORType.Map)
                          .filter(p -> p.ContainsKey("ingredient") || p.ContainsKey("ingredients"))
                          .isEmpty());
      if (opensNothing) {
        findings.fail("assertion.action.ingredientMismatch", uri, "opens no ingredient");
      }
      return names;
    } catch (MalformedManifestException e) {
      findings.fail("assertion.cbor.invalid", uri, e.getMessage());
      return List.of();
    }
  }
}
