package io.smartedit.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.smartedit.client.Submission.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the front door says of a batch's lines, one by one. */
final class Verdicts {

  private Verdicts() {}

  /**
   * Reads all.
   *
   * @throws RefusedException where lines were put off, or the answer broke off
   */
  static Submission read(String batch, Stream<String> verdicts) {
    List<Refusal> refused = new ArrayList<>();
    JsonNode[] last = {Transport.read("{}")};
    try (verdicts) {
      verdicts.forEachOrdered(
          line -> {
            JsonNode verdict = Transport.read(line);
            last[0] = verdict;
            if (verdict.has("line")
                && verdict.path("status").asInt() >= 300
                && refused.size() < Submission.SHOWN) {
              String reason = verdict.at("/problem/detail").asText();
              refused.add(new Refusal(verdict.path("line").asLong(), reason));
            }
          });
    }
    if (last[0].path("status").asInt() != 202 || !last[0].has("batch")) {
      throw new RefusedException(
          503, last[0].at("/problem/detail").asText("the answer broke off; submit it again"));
    }
    return new Submission(
        batch, last[0].path("accepted").asLong(), last[0].path("refused").asLong(), refused);
  }
}
