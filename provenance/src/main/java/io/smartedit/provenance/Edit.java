package io.smartedit.provenance;

import org.jspecify.annotations.Nullable;

/**
 * What was done to make an image, as its credentials will say.
 *
 * @param model that did it
 * @param seed that it was done with
 * @param requestId of who wanted it; null where nobody requested it by an id
 * @param sourceType what the image is made of now
 * @param source what it was made from
 */
public record Edit(
    String model,
    long seed,
    @Nullable String requestId,
    DigitalSourceType sourceType,
    Source source) {}
