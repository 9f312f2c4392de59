package io.smartedit.ingest;

import io.javalin.config.RoutesConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The live page at {@code /}: three files without a build step that use the API alone. They may
 * load nothing from elsewhere.
 */
final class Page {

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " img-src 'self' blob: data:; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private Page() {}

  static void addTo(RoutesConfig routes) {
    add(routes, "/", "index.html", "text/html; charset=utf-8");
    add(routes, "/page.css", "page.css", "text/css; charset=utf-8");
    add(routes, "/page.js", "page.js", "text/javascript; charset=utf-8");
  }

  private static void add(RoutesConfig routes, String path, String file, String mediaType) {
    byte[] bytes = bytes("page/" + file);
    routes.get(
        path,
        context ->
            context
                .contentType(mediaType)
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cache-Control", "no-cache")
                .result(bytes));
  }

  private static byte[] bytes(String name) {
    try (InputStream file = Page.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
