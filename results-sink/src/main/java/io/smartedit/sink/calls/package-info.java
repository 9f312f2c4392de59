@NullMarked
package io.smartedit.sink.calls;

import org.jspecify.annotations.NullMarked;
