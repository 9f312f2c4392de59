/** LLaMA as prefill only (Touvron et al., 2023): one pass over known tokens. */
@NullMarked
package io.smartedit.editor.llama;

import org.jspecify.annotations.NullMarked;
