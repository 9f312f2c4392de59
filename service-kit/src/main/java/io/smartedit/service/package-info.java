/** What the services share and no more: settings, Kafka clients, health and metrics. */
@NullMarked
package io.smartedit.service;

import org.jspecify.annotations.NullMarked;
