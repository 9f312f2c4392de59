/** How well a model edits: metrics, and what is computed of a set of edits. */
@NullMarked
package io.smartedit.evaluation;

import org.jspecify.annotations.NullMarked;
