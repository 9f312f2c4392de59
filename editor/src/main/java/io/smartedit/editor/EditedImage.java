package io.smartedit.editor;

import io.smartedit.editor.image.Image;

/**
 * A finished edit.
 *
 * @param image at working size, or at the source's where that was asked for
 */
public record EditedImage(Image image, EditOptions options) {}
