/** Noise schedules and samplers: arithmetic that knows no net. */
@NullMarked
package io.smartedit.editor.scheduler;

import org.jspecify.annotations.NullMarked;
