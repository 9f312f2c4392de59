package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A digest of everything that a request's image depends on.
 *
 * <p>Options that came after version 0.1 are left out where they say nothing, so that the digest of
 * a request does not change with the schema and the result of an older worker is known again.
 */
final class RequestDigest {

  private static final int FIRST_OPTIONS = 9;

  private RequestDigest() {}

  static String of(EditRequested request) {
    String all =
        String.join(
            "\n", request.getSource(), request.getInstruction(), options(request.getOptions()));
    return DigestUtils.sha256Hex(all);
  }

  /** As Avro writes a record as text. */
  private static String options(EditSettings options) {
    SpecificData data = SpecificData.get();
    StringJoiner fields = new StringJoiner(", ", "{", "}");
    for (Schema.Field field : options.getSchema().getFields()) {
      Object value = options.get(field.pos());
      if (field.pos() < FIRST_OPTIONS || !Objects.equals(value, data.getDefaultValue(field))) {
        Object ordered = value instanceof Map<?, ?> map ? new TreeMap<>(map) : value;
        fields.add("\"" + field.name() + "\": " + data.toString(ordered));
      }
    }
    return fields.toString();
  }
}
