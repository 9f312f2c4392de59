/**
 * Training: a model folder goes in, a better one comes out.
 *
 * <p>{@link io.smartedit.training.Trainer} runs a {@link io.smartedit.training.Stage}; stages load
 * their nets through the pipeline's own loader, so what is trained is what edits.
 */
@NullMarked
package io.smartedit.training;

import org.jspecify.annotations.NullMarked;
