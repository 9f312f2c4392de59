/** Weight files as their authors published them, read without trusting them. */
@NullMarked
package io.smartedit.editor.checkpoint;

import org.jspecify.annotations.NullMarked;
