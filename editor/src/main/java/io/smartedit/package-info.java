/**
 * SmartEdit (arXiv 2312.06739) on the JVM: a picture and an instruction in, the edited picture out.
 *
 * <p>{@link io.smartedit.SmartEdit} is the door. Everything in the packages below serves it.
 */
@NullMarked
package io.smartedit;

import org.jspecify.annotations.NullMarked;
