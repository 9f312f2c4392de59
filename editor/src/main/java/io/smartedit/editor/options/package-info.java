/** What can be chosen of an edit and of a model, and what is refused. Knows no other part. */
@NullMarked
package io.smartedit.editor.options;

import org.jspecify.annotations.NullMarked;
