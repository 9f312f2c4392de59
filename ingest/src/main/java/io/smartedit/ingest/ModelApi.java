package io.smartedit.ingest;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/** The HTTP interface that says which models workers serve, as OpenAI's clients ask for it. */
final class ModelApi {

  private final ApiKeys keys;
  private final StatusClient statuses;

  ModelApi(ApiKeys keys, StatusClient statuses) {
    this.keys = keys;
    this.statuses = statuses;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/models", this::all);
    routes.get("/v1/models/{id}", this::one);
  }

  private void all(Context context) {
    ApiRequest unused = ApiRequest.of(context, keys); // who has a key may know
    context.contentType("application/json").result(statuses.models());
  }

  private void one(Context context) {
    ApiRequest asked = ApiRequest.of(context, keys);
    context.contentType("application/json").result(statuses.model(asked.id()));
  }
}
