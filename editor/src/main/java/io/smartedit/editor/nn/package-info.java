/**
 * Layers and the language they are loaded in.
 *
 * <p>Letters used in shapes: {@code B} batch, {@code T} tokens, {@code C} channels or width, {@code
 * H} and {@code W} height and width. A layer is a record of weights with a static {@code load} and
 * a {@code forward} that is a function of its inputs; nothing here keeps state between calls.
 */
@NullMarked
package io.smartedit.editor.nn;

import org.jspecify.annotations.NullMarked;
