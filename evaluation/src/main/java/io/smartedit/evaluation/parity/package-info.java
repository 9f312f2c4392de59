/**
 * Whether the nets compute what the reference computed: stored tensors compared, block by block.
 */
@NullMarked
package io.smartedit.evaluation.parity;

import org.jspecify.annotations.NullMarked;
