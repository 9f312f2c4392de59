/** Programs behind published numbers. */
@NullMarked
package io.smartedit.benchmarks;

import org.jspecify.annotations.NullMarked;
