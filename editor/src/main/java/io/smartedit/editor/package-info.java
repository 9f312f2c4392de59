/**
 * SmartEdit (arXiv 2312.06739) on the JVM: an image and an instruction in, the edited image out.
 *
 * <p>{@link io.smartedit.editor.SmartEdit} is the door. Everything in the packages below serves it.
 */
@NullMarked
package io.smartedit.editor;

import org.jspecify.annotations.NullMarked;
