package io.smartedit.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.service.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A body that must be one JSON object in UTF-8 (RFC 8259): no name twice, nothing behind it, and
 * neither deeper nor with longer numbers than a request ever has.
 */
final class JsonBody {

  private static final int MAX_NESTING = 8;
  private static final int MAX_DIGITS = 1000;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_NESTING)
                          .maxNumberLength(MAX_DIGITS)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private JsonBody() {}

  /**
   * Reads a body.
   *
   * @throws Problem 400 that says where it is no JSON, or what stands twice
   */
  static ObjectNode object(byte[] body) {
    JsonNode node;
    try {
      node = JSON.readTree(text(body));
    } catch (StreamConstraintsException e) {
      throw refused(
          "The JSON is nested deeper than %d, or has a number of more than %d digits."
              .formatted(MAX_NESTING, MAX_DIGITS));
    } catch (JsonProcessingException e) {
      throw refused(e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw refused("The body is not a JSON object.");
  }

  private static String text(byte[] body) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
      return marked ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw refused("The body is not UTF-8.");
    }
  }

  private static Problem refused(JsonProcessingException e) {
    if (e.getOriginalMessage().startsWith("Duplicate field")
        && e.getProcessor() instanceof JsonParser parser) {
      String path = parser.getParsingContext().pathAsPointer().toString().substring(1);
      return JsonField.refused(path.replace('/', '.'), "stands twice");
    }
    return refused(
        e.getLocation() == null
            ? "Not JSON."
            : "Not JSON at line %d, column %d."
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
  }

  private static Problem refused(String detail) {
    return new Problem(400, "bad request", detail, null);
  }
}
