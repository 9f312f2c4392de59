package io.smartedit.sink.forecast;

import io.smartedit.events.Priority;

/**
 * Requests that are edited in the order in which they came: one tenant's, of one priority and
 * model.
 *
 * @param model empty where they name none
 */
public record Lane(String model, Priority priority, String tenant) {}
