package io.smartedit.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditStatus;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Ruling;
import io.smartedit.events.Topics;
import io.smartedit.events.Variant;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Problem;
import io.smartedit.sink.Instances.Local;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** The HTTP interface that says which results are held, in the order of tenants and ids. */
final class HeldApi {

  /** Results of an answer; whoever wants more asks again, from {@code next} on. */
  static final int PAGE = 100;

  /** Waiting results at which an instance looks for one answer. */
  private static final int LOOKS = 10_000;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KEY = "key";

  private final Instances instances;

  HeldApi(Instances instances) {
    this.instances = instances;
  }

  void addTo(HttpEndpoint endpoint) {
    endpoint
        .routes()
        .addHttpHandler(HandlerType.GET, "/v1/reviews", this::list)
        .addHttpHandler(HandlerType.GET, "/v1/reviews/{id}", this::one);
  }

  private void list(Context context) {
    String tenant = context.queryParam("tenant") == null ? "" : Instances.tenant(context) + "/";
    String after = after(context);
    List<JsonNode> held =
        instances.askAll(
            Instances.path(context),
            !Instances.isAskedByAnother(context),
            ReviewGate.STORE,
            Topics.VERDICTS,
            local -> page(local, tenant, after));
    held.sort(Comparator.comparing((JsonNode each) -> each.path(KEY).asText()));
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode items = answer.putArray(Instances.ITEMS);
    boolean ofAll = !Instances.isAskedByAnother(context);
    for (JsonNode each : held) {
      if (ofAll && (items.size() == PAGE || isMark(each))) {
        String last = items.isEmpty() ? "" : items.get(items.size() - 1).path(KEY).asText();
        answer.put("next", isMark(each) ? each.path(KEY).asText() : last);
        break;
      }
      items.add(each);
    }
    HttpEndpoint.json(context, answer);
  }

  /** Up to which key a partition has been looked at, where there is more. */
  private static boolean isMark(JsonNode each) {
    return each.size() == 1;
  }

  private static String after(Context context) {
    String after = context.queryParam("after");
    if (after == null) {
      return "";
    }
    String[] names = after.split("/", -1);
    if (names.length != 2 || !RequestRules.isName(names[0]) || !RequestRules.isName(names[1])) {
      throw Problem.of("after", "after is no TENANT/ID");
    }
    return after;
  }

  private static List<JsonNode> page(Local local, String tenant, String after) {
    ReadOnlyKeyValueStore<String, EditReview> waiting = local.store(ReviewGate.STORE);
    ReadOnlyKeyValueStore<String, EditStatus> statuses = local.store(StatusUpdater.STORE);
    String from = after.compareTo(tenant) > 0 ? after + "\u0000" : tenant;
    String to = tenant.isEmpty() ? "~" : tenant + "~"; // behind every name
    List<JsonNode> page = new ArrayList<>();
    try (KeyValueIterator<String, EditReview> some = waiting.range(from, to)) {
      String last = "";
      for (int looks = 0; looks < LOOKS && page.size() < PAGE && some.hasNext(); looks++) {
        KeyValue<String, EditReview> each = some.next();
        last = each.key;
        EditStatus status = statuses.get(each.key);
        EditVerdict verdict = status == null ? null : status.getVerdict();
        if (verdict != null && verdict.getRuling() == Ruling.HOLD) {
          page.add(json(each.value, verdict).put(KEY, each.key));
        }
      }
      if (some.hasNext()) {
        page.add(JSON.createObjectNode().put(KEY, last));
      }
    }
    return page;
  }

  private void one(Context context) {
    String id = Instances.id(context);
    String key = Topics.idKey(Instances.tenant(context), id);
    EditReview review =
        instances.<EditReview, EditReview>ask(
            context,
            ReviewGate.STORE,
            id,
            store -> {
              EditReview found = store.get(key);
              if (found == null) {
                throw new Problem(404, "not found", "The result of " + id + " is not held.", null);
              }
              return found;
            });
    if (review != null) {
      HttpEndpoint.json(context, json(review, null));
    }
  }

  private static ObjectNode json(EditReview review, @Nullable EditVerdict verdict) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("requestId", review.getRequestId())
            .put("tenant", review.getTenant())
            .put("since", review.getAt().toString());
    if (verdict != null) {
      node.put("policy", verdict.getPolicy()).put("reason", verdict.getReason());
    }
    EditRequested request = review.getOutcome().getRequest();
    if (request != null) {
      node.put("instruction", request.getInstruction()).put("source", request.getSource());
    }
    EditResult result = review.getOutcome().getResult();
    if (result != null) {
      node.put("output", result.getOutput());
      ArrayNode variants = node.putArray("variants");
      for (Variant variant : result.getVariants()) {
        variants.addObject().put("seed", variant.getSeed()).put("output", variant.getOutput());
      }
    }
    return node;
  }
}
