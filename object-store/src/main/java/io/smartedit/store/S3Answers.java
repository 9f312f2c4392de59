package io.smartedit.store;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * Stands between the store and the SDK, which reads error bodies without a limit and only where
 * they are called {@code application/xml}: a long one is cut, and one that is no XML becomes a
 * {@link ForeignAnswerException}.
 */
final class S3Answers implements Interceptor {

  private static final long LONGEST_ERROR = 64 << 10;
  private static final MediaType XML = MediaType.get("application/xml");

  /** An error that S3 would not have written, known by its HTTP status alone. */
  static final class ForeignAnswerException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    private ForeignAnswerException(int status) {
      super("HTTP " + status + " without S3's XML");
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    if (response.isSuccessful() || chain.request().method().equals("HEAD")) {
      return response;
    }
    try (response) {
      String text = response.peekBody(LONGEST_ERROR).string();
      if (!text.stripLeading().startsWith("<") || !text.contains("<Error")) {
        throw new ForeignAnswerException(response.code());
      }
      return response
          .newBuilder()
          .header("Content-Type", XML.toString())
          .body(ResponseBody.create(text, XML))
          .build();
    }
  }
}
