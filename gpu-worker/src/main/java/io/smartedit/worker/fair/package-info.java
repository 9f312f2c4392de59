/** Whose request is next: fair shares of device time between classes and tenants, without Kafka. */
@NullMarked
package io.smartedit.worker.fair;

import org.jspecify.annotations.NullMarked;
