package io.smartedit.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditRequested;
import io.smartedit.events.RequestRules;
import io.smartedit.service.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.UUID;

/**
 * What is particular to a manifest that is a batch: its lines carry the batch and their number,
 * those without an id have one made of both, so that to send the batch again is to send the same
 * requests again; and once all lines have been judged, the batch is sealed.
 *
 * @param tenant whose batch and lines they are
 */
record BatchManifest(
    String tenant, String id, Caller caller, RequestPublisher publisher, Clock clock)
    implements Manifest.Kind {

  /** A command to a batch, without what is to be done. */
  static BatchCommand.Builder command(String tenant, String id, Clock clock) {
    return BatchCommand.newBuilder().setTenant(tenant).setBatch(id).setAt(clock.instant());
  }

  @Override
  public EditRequested request(RequestReader reader, byte[] line, long number) {
    if (number > RequestRules.MAX_BATCH_LINES) {
      throw new Problem(
          413,
          "content too large",
          "The batch has more than " + RequestRules.MAX_BATCH_LINES + " lines.",
          null);
    }
    EditRequested request = reader.read(line, tenant, () -> requestId(number));
    if (!request.getTenant().equals(tenant)) {
      throw Problem.of(
          "tenant", "tenant is " + request.getTenant() + "; the batch is " + tenant + "'s");
    }
    return caller.admit(
        EditRequested.newBuilder(request).setBatch(id).setBatchLine(number).build());
  }

  private String requestId(long number) {
    String name = id + "." + number;
    return RequestRules.isName(name)
        ? name
        : UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** A limit of edits a minute slows a batch down; it refuses none of its lines. */
  @Override
  public boolean isPatient() {
    return true;
  }

  /** A batch of which a line was put off is not sealed: it is to be sent again. */
  @Override
  public ObjectNode end(Manifest.Tally tally) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("batch", id)
            .put("accepted", tally.accepted())
            .put("refused", tally.refused());
    Problem problem = null;
    if (tally.putOff() > 0) {
      problem =
          Problem.unavailable(5, tally.putOff() + " lines were put off; send the same again.");
    } else {
      try {
        publisher.tell(
            command(tenant, id, clock)
                .setAction(BatchAction.SEAL)
                .setAccepted(tally.accepted())
                .setRefused(tally.refused())
                .build());
      } catch (Problem e) {
        problem = e;
      }
    }
    node.put("status", problem == null ? 202 : problem.status());
    if (problem != null) {
      node.set("problem", problem.toJson());
    }
    return node;
  }
}
