/**
 * Content credentials: signed manifests (C2PA 2.2) that say of an image what was done to it, by
 * what, to which source; written into PNG, JPEG and WebP, and read from them.
 *
 * <p>{@link io.smartedit.provenance.ContentCredentials} is the door.
 */
@NullMarked
package io.smartedit.provenance;

import org.jspecify.annotations.NullMarked;
