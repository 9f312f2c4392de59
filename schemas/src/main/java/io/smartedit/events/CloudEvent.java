package io.smartedit.events;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents 1.0 attributes in Kafka's binary mode ({@code ce_*} headers), and W3C {@code
 * traceparent}: what bridges and tracers read that know neither us nor Avro.
 *
 * <p>{@code ce_id} is made from topic-independent content, type and subject, so that the same event
 * sent twice is recognised.
 */
final class CloudEvent {

  private static final String SOURCE = "/smartedit-stream";
  private static final String CONTENT_TYPE = "application/avro";

  private CloudEvent() {}

  /** {@code content} is the event in Avro's binary form. */
  static void describe(SpecificRecord event, ByteBuffer content, Headers headers) {
    String id = text(event, "requestId");
    String subject = id == null ? text(event, "batch") : id;
    String type = event.getSchema().getFullName();
    put(headers, "ce_specversion", "1.0");
    put(headers, "ce_type", type);
    put(headers, "ce_source", SOURCE);
    put(headers, "ce_id", id(type, subject, content));
    Instant time = time(event);
    if (time != null) {
      put(headers, "ce_time", time.toString());
    }
    if (subject != null) {
      put(headers, "ce_subject", subject);
    }
    put(headers, "content-type", CONTENT_TYPE);
    String trace = trace(event);
    if (trace != null) {
      put(headers, "traceparent", trace);
    }
  }

  private static String id(String type, @Nullable String subject, ByteBuffer content) {
    byte[] names = (type + "\n" + subject + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer all = ByteBuffer.allocate(names.length + content.remaining());
    return UUID.nameUUIDFromBytes(all.put(names).put(content).array()).toString();
  }

  private static @Nullable Instant time(SpecificRecord event) {
    for (String name : new String[] {"finishedAt", "requestedAt", "cancelledAt", "at"}) {
      if (value(event, name) instanceof Instant instant) {
        return instant;
      }
    }
    return null;
  }

  private static @Nullable String trace(SpecificRecord event) {
    return value(event, "request") instanceof SpecificRecord request
        ? text(request, "traceparent")
        : text(event, "traceparent");
  }

  private static @Nullable String text(SpecificRecord event, String name) {
    Object value = value(event, name);
    return value == null ? null : value.toString();
  }

  private static @Nullable Object value(SpecificRecord event, String name) {
    Schema.Field field = event.getSchema().getField(name);
    return field == null ? null : event.get(field.pos());
  }

  private static void put(Headers headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
