package io.smartedit.client;

/** How far an edit is: so many denoising steps of so many. */
public record Progress(String requestId, int step, int steps) {}
