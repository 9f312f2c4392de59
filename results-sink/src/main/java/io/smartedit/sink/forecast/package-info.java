/** When a request that waits is expected to begin. */
@NullMarked
package io.smartedit.sink.forecast;

import org.jspecify.annotations.NullMarked;
