/**
 * What an edit changed, laid into its source: everything else stays the source's own pixels. Plain
 * arithmetic on arrays; {@code docs/composite.md} says how the method was chosen.
 */
@NullMarked
package io.smartedit.editor.composite;

import org.jspecify.annotations.NullMarked;
