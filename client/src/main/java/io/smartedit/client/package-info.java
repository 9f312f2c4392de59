/** A client of the front door: uploads, edits with their progress, and batches. */
@NullMarked
package io.smartedit.client;

import org.jspecify.annotations.NullMarked;
