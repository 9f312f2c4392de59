/** The {@code smartedit} command. */
@NullMarked
package io.smartedit.standalone;

import org.jspecify.annotations.NullMarked;
