package io.smartedit.service;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers of the server itself, of what is no proper HTTP or has no proper path, as problems (RFC
 * 9457) instead of Jetty's pages.
 */
final class UnroutedErrors extends ErrorHandler {

  @Override
  public boolean errorPageForMethod(@Nullable String method) {
    return true; // there is none where even the request line could not be read
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    String title = HttpStatus.getMessage(code).toLowerCase(Locale.ROOT);
    String detail =
        code < HttpStatus.INTERNAL_SERVER_ERROR_500
            ? "The request is malformed."
            : "The service's log has the cause.";
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
    byte[] body = new Problem(code, title, detail, null).toBytes();
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
