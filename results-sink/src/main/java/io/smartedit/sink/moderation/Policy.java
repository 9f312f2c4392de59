package io.smartedit.sink.moderation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.OutgoingCall;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Ruling;
import io.smartedit.events.Topics;
import io.smartedit.sink.calls.Correspondent;
import io.smartedit.sink.calls.Reply;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** The operator's policy, which is asked of each result: allow, block or hold. */
final class Policy implements Correspondent {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final MediaType TYPE = MediaType.get("application/json");
  private static final int LONGEST_REASON = 1000;

  /** One queue for all: it is one endpoint. */
  private static final String QUEUE = "00000000policy00";

  private final ModerationSettings settings;
  private final Function<String, Optional<URI>> links;
  private final Clock clock;

  /**
   * @param links under which an image of the store can be read, where there are any
   */
  Policy(ModerationSettings settings, Function<String, Optional<URI>> links, Clock clock) {
    this.settings = settings;
    this.links = links;
    this.clock = clock;
  }

  /** The question that a review asks. */
  List<OutgoingCall> calls(@Nullable EditReview review) {
    if (review == null
        || !RequestRules.isName(review.getTenant())
        || !RequestRules.isName(review.getRequestId())) {
      return List.of();
    }
    EditOutcome outcome = review.getOutcome();
    EditRequested request = outcome.getRequest();
    EditResult result = outcome.getResult();
    ObjectNode body =
        JSON.createObjectNode()
            .put("requestId", review.getRequestId())
            .put("tenant", review.getTenant())
            .put("model", outcome.getModel());
    if (request != null) {
      body.put("instruction", request.getInstruction()).put("source", request.getSource());
      request.getLabels().forEach(body.putObject("labels")::put);
    }
    if (result != null) {
      body.put("result", result.getOutput()).put("sha256", result.getSha256());
    }
    Instant now = clock.instant();
    return List.of(
        OutgoingCall.newBuilder()
            .setId(Topics.idKey(review.getTenant(), review.getRequestId()))
            .setRequestId(review.getRequestId())
            .setTenant(review.getTenant())
            .setQueue(QUEUE)
            .setUrl(settings.url())
            .setBody(body.toString())
            .setCreatedAt(now)
            .setDueAt(now)
            .build());
  }

  /** Links are made for each attempt, for they end. */
  @Override
  public Request request(OutgoingCall call) {
    ObjectNode body;
    try {
      body = (ObjectNode) JSON.readTree(call.getBody());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a question is always JSON", e);
    }
    ObjectNode found = body.putObject("links");
    for (String image : List.of("source", "result")) {
      links.apply(body.path(image).asText()).ifPresent(uri -> found.put(image, uri.toString()));
    }
    return new Request.Builder()
        .url(settings.url())
        .post(RequestBody.create(body.toString(), TYPE))
        .build();
  }

  @Override
  public SpecificRecord delivered(OutgoingCall call, Reply reply) {
    JsonNode answer;
    try {
      answer = JSON.readTree(reply.body());
    } catch (IOException e) {
      throw new IllegalArgumentException("it is no JSON", e);
    }
    String ruling = answer.path("verdict").asText();
    if (!ruling.matches("allow|block|hold")) {
      throw new IllegalArgumentException("its verdict is not allow, block or hold");
    }
    return verdict(
        call,
        Ruling.valueOf(ruling.toUpperCase(Locale.ROOT)),
        answer.path("policy").asText("policy"),
        answer.path("reason").asText(""),
        "policy");
  }

  @Override
  public SpecificRecord givenUp(OutgoingCall call, String why) {
    return verdict(call, settings.fallback(), "no-answer", why, "sink");
  }

  private EditVerdict verdict(
      OutgoingCall call, Ruling ruling, String policy, String reason, String by) {
    return EditVerdict.newBuilder()
        .setRequestId(call.getRequestId())
        .setTenant(call.getTenant())
        .setRuling(ruling)
        .setPolicy(cut(policy))
        .setReason(cut(reason))
        .setBy(by)
        .setAt(clock.instant())
        .build();
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON);
  }
}
