/** Images whose time in the store is over: what still needs them, and their deletion. */
@NullMarked
package io.smartedit.sink.retention;

import org.jspecify.annotations.NullMarked;
