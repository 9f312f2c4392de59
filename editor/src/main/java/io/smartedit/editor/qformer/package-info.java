/** The Q-Former (BLIP-2, Li et al., 2023): learned queries over the LLM's image-token states. */
@NullMarked
package io.smartedit.editor.qformer;

import org.jspecify.annotations.NullMarked;
