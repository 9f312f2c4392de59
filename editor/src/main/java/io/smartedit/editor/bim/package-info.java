/** The bidirectional interaction module (SmartEdit, section 3.3) and its ablations. */
@NullMarked
package io.smartedit.editor.bim;

import org.jspecify.annotations.NullMarked;
