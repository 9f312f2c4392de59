package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;

/** The API's operations on images. */
final class ImageApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ApiKeys keys;
  private final Uploads uploads;
  private final int maxUpload;

  ImageApi(IngestSettings settings, ObjectStore store) {
    this.keys = settings.keys();
    this.uploads = new Uploads(store, settings.uploadBucket());
    this.maxUpload = Math.toIntExact(settings.maxUpload());
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/images", this::upload);
    routes.post("/v1/pictures", this::upload); // its name in 0.1
  }

  private void upload(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    ObjectName name = uploads.add(tenant, request.body(Body.IMAGE, maxUpload));
    request.answer(201, JSON.createObjectNode().put("source", name.toString()));
  }
}
