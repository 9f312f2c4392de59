package io.smartedit;

import io.smartedit.image.Picture;

/** A picture, what to do to it, and how. */
public record EditRequest(Picture source, String instruction, EditOptions options) {}
