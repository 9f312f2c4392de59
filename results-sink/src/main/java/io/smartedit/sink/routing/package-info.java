/** Requests that name a model: to the workers that serve it, or to their end. */
@NullMarked
package io.smartedit.sink.routing;

import org.jspecify.annotations.NullMarked;
