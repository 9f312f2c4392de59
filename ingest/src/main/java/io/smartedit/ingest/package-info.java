/** The front door: HTTP requests, checked, onto the topics. */
@NullMarked
package io.smartedit.ingest;

import org.jspecify.annotations.NullMarked;
