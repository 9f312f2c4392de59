package io.smartedit.clip;

/**
 * Sizes of one CLIP tower.
 *
 * @param width channels of the hidden states
 * @param mlp channels inside the feed-forward
 * @param epsilon of every layer norm
 */
public record ClipConfig(int width, int mlp, int layers, int heads, double epsilon) {}
