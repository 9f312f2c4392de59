package io.smartedit.editor;

import io.smartedit.editor.image.Image;

/** An image, what to do to it, and how. */
public record EditRequest(Image source, String instruction, EditOptions options) {}
