/**
 * The stream as processes of its own that are killed, frozen and starved, and what is left of it.
 */
@NullMarked
package io.smartedit.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
