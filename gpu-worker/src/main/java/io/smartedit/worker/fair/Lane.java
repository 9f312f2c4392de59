package io.smartedit.worker.fair;

import io.smartedit.events.Priority;

/** Whose requests keep their order among themselves: a tenant's of one priority. */
public record Lane(Priority priority, String tenant) {}
