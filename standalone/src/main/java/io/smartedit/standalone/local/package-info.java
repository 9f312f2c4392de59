/** Broker, registry and object store in this process, with their data in one folder. */
@NullMarked
package io.smartedit.standalone.local;

import org.jspecify.annotations.NullMarked;
