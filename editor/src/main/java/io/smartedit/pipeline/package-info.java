/** The parts put together: a reader that understands and a painter that edits. */
@NullMarked
package io.smartedit.pipeline;

import org.jspecify.annotations.NullMarked;
