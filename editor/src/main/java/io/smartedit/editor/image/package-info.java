/** Bytes to images and images to tensors; the only user of an image library. */
@NullMarked
package io.smartedit.editor.image;

import org.jspecify.annotations.NullMarked;
