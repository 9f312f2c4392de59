/** Training examples on disk, in the formats people have them. */
@NullMarked
package io.smartedit.training.data;

import org.jspecify.annotations.NullMarked;
