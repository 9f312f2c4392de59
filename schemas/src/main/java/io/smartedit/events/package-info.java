/**
 * Events, the topics they travel on, and their wire format.
 *
 * <p>Avro builds no class that it was not told to trust; making an {@link
 * io.smartedit.events.EventSerializer} or {@link io.smartedit.events.EventDeserializer} tells it of
 * these events, so make one before the first event.
 */
@NullMarked
package io.smartedit.events;

import org.jspecify.annotations.NullMarked;
