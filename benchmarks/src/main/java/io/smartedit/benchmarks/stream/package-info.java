/** The stream without a model: what the plumbing costs. */
@NullMarked
package io.smartedit.benchmarks.stream;

import org.jspecify.annotations.NullMarked;
