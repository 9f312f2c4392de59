/** How smartedit-mini is made from nothing, stage by stage. */
@NullMarked
package io.smartedit.training.mini;

import org.jspecify.annotations.NullMarked;
