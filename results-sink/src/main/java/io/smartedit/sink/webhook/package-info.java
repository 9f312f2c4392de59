@NullMarked
package io.smartedit.sink.webhook;

import org.jspecify.annotations.NullMarked;
