/** Turns workers' outcomes into exactly one terminal event a request. */
@NullMarked
package io.smartedit.sink;

import org.jspecify.annotations.NullMarked;
