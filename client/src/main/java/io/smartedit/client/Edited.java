package io.smartedit.client;

/**
 * An edit that has its result.
 *
 * @param output s3://bucket/key of the edited image
 */
public record Edited(String requestId, String output) {}
