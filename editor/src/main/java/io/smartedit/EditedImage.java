package io.smartedit;

import io.smartedit.image.Picture;

/**
 * A finished edit.
 *
 * @param picture at working size, or at the source's where that was asked for
 */
public record EditedImage(Picture picture, EditOptions options) {}
