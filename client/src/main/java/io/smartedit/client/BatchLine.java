package io.smartedit.client;

/**
 * What a line of a batch has become.
 *
 * @param state OPEN, EDITED, REJECTED, FAILED, CANCELLED or EXPIRED
 * @param output s3://bucket/key of the edited image; empty where there is none
 * @param failure why there is none; empty where it is open or edited
 */
public record BatchLine(long line, String requestId, String state, String output, String failure) {}
