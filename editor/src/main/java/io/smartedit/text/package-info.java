/** Words to token ids. */
@NullMarked
package io.smartedit.text;

import org.jspecify.annotations.NullMarked;
