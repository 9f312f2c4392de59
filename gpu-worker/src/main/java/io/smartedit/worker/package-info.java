/** Takes edit requests from Kafka, edits, stores, and answers each with an outcome. */
@NullMarked
package io.smartedit.worker;

import org.jspecify.annotations.NullMarked;
