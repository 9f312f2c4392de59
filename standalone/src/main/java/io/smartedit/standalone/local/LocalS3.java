package io.smartedit.standalone.local;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** An S3 server over a folder, listening on this machine only. */
public final class LocalS3 implements AutoCloseable {

  public static final String ACCESS_KEY = "local";
  public static final String SECRET_KEY = "local-secret";

  private final S3Proxy server;

  private LocalS3(S3Proxy server) {
    this.server = server;
  }

  public static LocalS3 start(Path folder, int port) throws IOException {
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(
                new KeysAsFiles(
                    new FilesystemNio2BlobStore(
                        Files.createDirectories(folder.toAbsolutePath()).toString())))
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
            .build();
    try {
      server.start();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // the server declares no narrower type
      throw new IOException("cannot start the S3 server on port " + port, e);
    }
    return new LocalS3(server);
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.getPort();
  }

  @Override
  public void close() throws IOException {
    try {
      server.stop();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // as above
      throw new IOException("cannot stop the S3 server", e);
    }
  }
}
