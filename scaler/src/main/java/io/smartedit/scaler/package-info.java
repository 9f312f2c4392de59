/** Tells KEDA how much device time the queued edits want, so that it runs as many workers. */
@NullMarked
package io.smartedit.scaler;

import org.jspecify.annotations.NullMarked;
