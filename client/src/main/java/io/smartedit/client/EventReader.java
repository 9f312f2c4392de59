package io.smartedit.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads an edit's server-sent events until one of them is its end. */
final class EventReader implements Flow.Subscriber<String> {

  private final String requestId;
  private final Consumer<Progress> progress;
  private final CompletableFuture<Edited> end;
  private volatile Flow.@Nullable Subscription subscription;
  private String type = "";
  private String data = "";

  EventReader(String requestId, Consumer<Progress> progress, CompletableFuture<Edited> end) {
    this.requestId = requestId;
    this.progress = progress;
    this.end = end;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(String line) {
    if (end.isDone()) {
      stop();
    } else if (line.startsWith("event: ")) {
      type = line.substring("event: ".length());
    } else if (line.startsWith("data: ")) {
      data = line.substring("data: ".length());
    } else if (line.isEmpty() && !data.isEmpty()) {
      heard(Transport.read(data));
      data = "";
    }
  }

  private void heard(JsonNode event) {
    String state = type.equals("status") ? event.path("state").asText() : type;
    switch (state) {
      case "progress", "RUNNING" ->
          progress.accept(
              new Progress(requestId, event.path("step").asInt(), event.path("steps").asInt()));
      case "completed", "COMPLETED" ->
          finish(() -> end.complete(new Edited(requestId, event.path("output").asText())));
      case "failed" -> finish(() -> end.completeExceptionally(failure(event)));
      case "FAILED" -> finish(() -> end.completeExceptionally(failure(event.path("failure"))));
      default -> {} // requested; or of a later version
    }
  }

  private void finish(Runnable how) {
    how.run();
    stop();
  }

  private EditFailedException failure(JsonNode told) {
    return new EditFailedException(
        requestId,
        told.path("status").asText(),
        told.path("kind").asText(),
        told.path("message").asText());
  }

  private void stop() {
    Flow.Subscription given = subscription;
    if (given != null) {
      given.cancel();
    }
  }

  @Override
  public void onError(Throwable broken) {
    // whoever asked for the events sees it too, and asks again
  }

  @Override
  public void onComplete() {
    // as above
  }
}
