/**
 * A scale model of a fleet of workers: their own classes, which only this package sees, on time
 * that is counted and not waited for.
 */
@NullMarked
package io.smartedit.worker;

import org.jspecify.annotations.NullMarked;
