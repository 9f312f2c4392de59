/** The parts put together: a encoder that understands and a denoiser that edits. */
@NullMarked
package io.smartedit.editor.pipeline;

import org.jspecify.annotations.NullMarked;
