package io.smartedit.provenance;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * An image's manifests: the active one, which is about the image, and those of what it was made
 * from.
 */
record ManifestStore(Superbox box, Superbox active) {

  static final int MAX_BYTES = 8 << 20;

  private static final Set<UUID> MANIFESTS =
      Set.of(
          Superbox.MANIFEST,
          Superbox.OLD_MANIFEST,
          Superbox.UPDATE_MANIFEST,
          Superbox.COMPRESSED_MANIFEST);

  static ManifestStore read(byte[] bytes) throws MalformedManifestException {
    Superbox store = Superbox.read(bytes);
    if (!store.type().equals(Superbox.STORE) || !store.label().equals("c2pa")) {
      throw new MalformedManifestException("is a box '" + store.label() + "', not 'c2pa'");
    }
    List<Superbox> manifests =
        store.boxes().stream().filter(box -> MANIFESTS.contains(box.type())).toList();
    if (manifests.isEmpty()) {
      throw new MalformedManifestException("has no manifest");
    }
    return new ManifestStore(store, manifests.get(manifests.size() - 1));
  }

  /**
   * What a URI leads to.
   *
   * @param from the manifest that the URI stands in
   */
  Optional<Superbox> resolve(String uri, Superbox from) {
    Optional<String[]> path = HashedUri.path(uri, from.label());
    Optional<Superbox> at = path.isPresent() ? Optional.of(box) : Optional.empty();
    for (String label : path.orElse(new String[0])) {
      at = at.flatMap(parent -> parent.box(label));
    }
    return at;
  }
}
