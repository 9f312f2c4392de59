/** Bytes to pictures and pictures to tensors; the only user of an image library. */
@NullMarked
package io.smartedit.image;

import org.jspecify.annotations.NullMarked;
