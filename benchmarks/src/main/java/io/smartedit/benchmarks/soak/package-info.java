/** Many edits through the whole stream: what grows with them. */
@NullMarked
package io.smartedit.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
