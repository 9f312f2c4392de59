/** The paper's own training: stages over data sets on disk, for any model folder. */
@NullMarked
package io.smartedit.training.paper;

import org.jspecify.annotations.NullMarked;
