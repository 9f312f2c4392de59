package io.smartedit.sink.forecast;

/**
 * How many requests of a lane wait.
 *
 * @param before those of them that came before a certain time
 */
public record LaneCount(Lane lane, long waiting, long before) {}
