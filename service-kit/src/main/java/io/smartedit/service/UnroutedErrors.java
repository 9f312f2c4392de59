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
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    byte[] body = new Problem(code, title, detail(code, message), null).toBytes();
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  private static String detail(int code, @Nullable String message) {
    if (message != null && message.startsWith("Ambiguous")) {
      return "The address holds an encoded slash or dots, which no address here has.";
    }
    return switch (code) {
      case HttpStatus.BAD_REQUEST_400 ->
          "The request is malformed: first a line as GET /live HTTP/1.1, then headers, among them"
              + " Host, then an empty line. This port speaks plain HTTP, no TLS.";
      case HttpStatus.REQUEST_TIMEOUT_408 -> "The request did not come in time; send it again.";
      case HttpStatus.URI_TOO_LONG_414 -> "The address is longer than what is read.";
      case HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
          "The headers are larger than what is read.";
      case HttpStatus.NOT_IMPLEMENTED_501 ->
          "The request asks for something of HTTP that is not spoken here.";
      case HttpStatus.UPGRADE_REQUIRED_426, HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505 ->
          "This version of HTTP is not spoken here; send the request as HTTP/1.1.";
      default ->
          code < HttpStatus.INTERNAL_SERVER_ERROR_500
              ? "The request is malformed."
              : "The service's log has the cause.";
    };
  }
}
