package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of OpenAI's image edits, out of a form with files or out of JSON. A parameter that
 * is not known is refused.
 */
final class OpenAiForm {

  private static final Set<String> KNOWN =
      Set.of(
          "image",
          "mask",
          "prompt",
          "model",
          "n",
          "size",
          "response_format",
          "output_format",
          "output_compression",
          "quality",
          "background",
          "input_fidelity",
          "moderation",
          "user",
          "stream",
          "partial_images",
          "seed",
          "steps",
          "adapters");
  private static final Pattern DATA =
      Pattern.compile("data:image/[a-z0-9.+-]+;base64,", Pattern.CASE_INSENSITIVE);
  private static final Pattern BOUNDARY =
      Pattern.compile(";\\s*boundary=(?:\"([^\"]{1,70})\"|([^\";\\s]{1,70}))");
  private static final int MAX_PARTS = 64;

  private final Map<String, String> texts = new HashMap<>();
  private final Map<String, byte[]> files = new HashMap<>();

  private OpenAiForm() {}

  /**
   * Reads a body.
   *
   * @throws Problem 400 naming the parameter
   */
  static OpenAiForm of(@Nullable String contentType, byte[] body) {
    OpenAiForm form = new OpenAiForm();
    Matcher boundary = BOUNDARY.matcher(contentType == null ? "" : contentType);
    if (boundary.find()) {
      form.readParts(boundary.group(1) == null ? boundary.group(2) : boundary.group(1), body);
    } else if (contentType != null && contentType.contains("multipart/")) {
      throw new Problem(400, "bad request", "The form's boundary is not said.", null);
    } else {
      form.readJson(JsonBody.object(body));
    }
    return form;
  }

  /** A parameter's text; null where it is not given, or empty. */
  @Nullable String text(String name) {
    String text = texts.get(name);
    return text == null || text.isEmpty() ? null : text;
  }

  /** A parameter that must be one of some. */
  String oneOf(String name, String fallback, List<String> allowed) {
    String text = text(name);
    if (text == null) {
      return fallback;
    }
    if (!allowed.contains(text)) {
      throw refused(name, "is '" + text + "', must be one of " + String.join(", ", allowed));
    }
    return text;
  }

  /** A whole number from least to most. */
  int number(String name, int fallback, int least, int most) {
    String text = text(name);
    if (text == null) {
      return fallback;
    }
    if (!text.matches("-?[0-9]{1,9}")
        || Integer.parseInt(text) < least
        || Integer.parseInt(text) > most) {
      throw refused(
          name, "is '" + text + "', must be a whole number from " + least + " to " + most);
    }
    return Integer.parseInt(text);
  }

  /** A parameter's file; null where there is none. */
  byte @Nullable [] file(String name) {
    return files.get(name);
  }

  static Problem refused(String name, String fault) {
    return Problem.of(name, name + " " + fault);
  }

  private void readParts(String boundary, byte[] body) {
    MultiPartFormData.Parser parser = new MultiPartFormData.Parser(boundary);
    parser.setMaxParts(MAX_PARTS);
    parser.setMaxLength(-1);
    parser.setMaxFileSize(-1);
    parser.setMaxMemoryFileSize(-1); // the body is in memory, and of bounded length
    CompletableFuture<MultiPartFormData.Parts> whole = new CompletableFuture<>();
    parser.parse(Content.Source.from(ByteBuffer.wrap(body)), Promise.Invocable.toPromise(whole));
    try (MultiPartFormData.Parts parts = whole.join()) {
      for (MultiPart.Part part : parts) {
        add(part);
      }
    } catch (CompletionException | IllegalStateException | IOException e) {
      throw new Problem(400, "bad request", "The body is no proper form.", null);
    }
  }

  private void add(MultiPart.Part part) throws IOException {
    String name = part.getName().replaceAll("\\[\\d*]$", "");
    ByteBuffer bytes = Content.Source.asByteBuffer(part.newContentSource(null, 0, -1));
    byte[] content = new byte[bytes.remaining()];
    bytes.get(content);
    boolean image = name.equals("image") || name.equals("mask");
    if (image && part.getFileName() != null) {
      once(name, files.put(known(name), content));
    } else {
      once(name, texts.put(known(name), new String(content, StandardCharsets.UTF_8)));
    }
  }

  private void readJson(ObjectNode json) {
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String name = field.getKey().equals("images") ? "image" : field.getKey();
      JsonNode value = field.getValue();
      if (value.isNull()) {
        continue;
      }
      if (name.equals("image") || name.equals("mask")) {
        address(name, value);
      } else if (value.isValueNode()) {
        texts.put(known(name), value.asText());
      } else {
        known(name);
        throw refused(name, "must be a text, a number or a flag");
      }
    }
  }

  /** An image as its address or its data; alone, in an object, or as the one of a list. */
  private void address(String name, JsonNode value) {
    JsonNode one = value;
    if (value.isArray()) {
      if (value.size() != 1) {
        throw refused(name, "has " + value.size() + " images; one can be edited");
      }
      one = value.path(0);
    }
    String address = one.isObject() ? one.path("image_url").asText() : one.asText();
    Matcher data = DATA.matcher(address);
    if (!data.lookingAt()) {
      once(name, texts.put(name, address));
      return;
    }
    try {
      once(name, files.put(name, Base64.getMimeDecoder().decode(address.substring(data.end()))));
    } catch (IllegalArgumentException e) {
      throw refused(name, "is no base64");
    }
  }

  private static String known(String name) {
    if (!KNOWN.contains(name)) {
      throw new Problem(
          400,
          "bad request",
          "Unknown parameter: '%s'; there are %s"
              .formatted(name, String.join(", ", new TreeSet<>(KNOWN))),
          name);
    }
    return name;
  }

  private static void once(String name, @Nullable Object before) {
    if (before != null) {
      boolean image = name.equals("image");
      throw refused(name, image ? "has several images; one can be edited" : "stands twice");
    }
  }
}
