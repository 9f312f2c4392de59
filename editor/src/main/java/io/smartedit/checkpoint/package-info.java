/** Weight files as their authors published them, read without trusting them. */
@NullMarked
package io.smartedit.checkpoint;

import org.jspecify.annotations.NullMarked;
