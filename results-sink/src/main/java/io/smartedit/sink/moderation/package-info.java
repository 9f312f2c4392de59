@NullMarked
package io.smartedit.sink.moderation;

import org.jspecify.annotations.NullMarked;
