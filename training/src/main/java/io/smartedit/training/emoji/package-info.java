/**
 * Emoji-Edit: images, instructions, exact targets and masks made on the fly from sprites; a small
 * world in which an edit can be judged by arithmetic.
 */
@NullMarked
package io.smartedit.training.emoji;

import org.jspecify.annotations.NullMarked;
