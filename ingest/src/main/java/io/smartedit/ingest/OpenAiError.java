package io.smartedit.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.smartedit.service.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A problem as OpenAI's clients know them. */
final class OpenAiError {

  /** Our names of what the parameters become. */
  private static final Map<String, String> PARAMETERS =
      Map.of(
          "source", "image",
          "instruction", "prompt",
          "options.mask", "mask",
          "options.size", "size",
          "options.quality", "output_compression",
          "options.steps", "steps",
          "labels.user", "user");

  private OpenAiError() {}

  /** What an edit that was not edited is. */
  static Problem of(EditEnd end) {
    int status =
        switch (end.kind()) {
          case "REJECTED" -> 400;
          case "EXTERNAL" -> 503;
          default -> 500;
        };
    String title = end.status().equals("CANCELLED") ? "edit_cancelled" : "edit_failed";
    return new Problem(status, title, "request " + end.requestId() + ": " + end.message(), null);
  }

  /** Answers with a problem. */
  static void answer(Context context, Problem problem) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    String field = problem.field();
    answer
        .putObject("error")
        .put("message", problem.getMessage())
        .put("type", type(problem.status()))
        .put("param", field == null ? null : PARAMETERS.getOrDefault(field, field))
        .put("code", code(problem));
    if (problem.retryAfter() > 0) {
      context.header("Retry-After", Long.toString(problem.retryAfter()));
    }
    if (problem.status() == 401) {
      context.header("WWW-Authenticate", "Bearer");
    }
    if (problem.status() >= 500 && problem.status() != 503) {
      context.header("x-should-retry", "false"); // it would be edited again
    }
    context
        .status(problem.status())
        .contentType("application/json")
        .result(answer.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }

  private static @Nullable String code(Problem problem) {
    return switch (problem.status()) {
      case 401 -> "invalid_api_key";
      case 429 -> "rate_limit_exceeded";
      case 504 -> "timeout";
      default -> problem.title().startsWith("edit_") ? problem.title() : null;
    };
  }
}
