package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.worker.fair.Shares;
import java.util.function.ToDoubleFunction;

/**
 * The rules by which a worker chooses whose request is next.
 *
 * @param readAhead requests kept in memory to choose from; large ones count as several
 * @param cost device time of a request, in any unit
 */
record Fairness(Shares shares, int readAhead, ToDoubleFunction<EditRequested> cost) {}
