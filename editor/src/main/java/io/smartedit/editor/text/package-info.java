/** Words to token ids. */
@NullMarked
package io.smartedit.editor.text;

import org.jspecify.annotations.NullMarked;
