/** Events, the topics they travel on, and their wire format. */
@NullMarked
package io.smartedit.events;

import org.jspecify.annotations.NullMarked;
