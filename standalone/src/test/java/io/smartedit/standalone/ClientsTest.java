package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smartedit.client.BatchLine;
import io.smartedit.client.BatchStatus;
import io.smartedit.client.Edit;
import io.smartedit.client.EditFailedException;
import io.smartedit.client.Edited;
import io.smartedit.client.Progress;
import io.smartedit.client.SmartEditClient;
import io.smartedit.client.Submission;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java client and OpenAI's Python package against the whole stream. */
@Timeout(240)
final class ClientsTest {

  @TempDir private static Path folder = Path.of("");

  private static ApiStream api;
  private static SmartEditClient client;

  @BeforeAll
  static void start() throws Exception {
    api = new ApiStream(folder.resolve("stream"));
    client = new SmartEditClient(URI.create(api.stream.endpoints().http()));
  }

  @AfterAll
  static void stop() throws IOException {
    api.close();
  }

  @Test
  void javaUploadsEditsAndHearsOfTheProgress() throws Exception {
    List<Progress> heard = new CopyOnWriteArrayList<>();
    String source = client.upload(Files.readAllBytes(ApiStream.TOY.resolve("source.png"))).get();

    Edited edited = client.edit(edit(source).with("steps", 100), heard::add).get();

    assertThat(edited.output()).contains(edited.requestId());
    assertThat(client.result(edited.requestId()).get()).startsWith(0x89, 'P', 'N', 'G');
    assertThat(heard).isNotEmpty().allMatch(progress -> progress.steps() == 100);
    assertThat(client.await(edited.requestId(), heard::add).get()).isEqualTo(edited);
  }

  @Test
  void javaIsToldWhyAnEditFailed() {
    assertThatThrownBy(() -> client.edit(edit("s3://pictures/none.png"), step -> {}).get())
        .cause()
        .isInstanceOfSatisfying(
            EditFailedException.class, e -> assertThat(e.status()).isEqualTo("REJECTED"));
  }

  @Test
  void javaSubmitsABatchAndReadsItsResults() throws Exception {
    Submission submitted =
        client
            .submitBatch("java", () -> IntStream.range(0, 3).mapToObj(i -> edit(api.source)))
            .get();
    BatchStatus end = client.awaitBatch("java", status -> {}).get();
    List<BatchLine> lines = new ArrayList<>();
    client.results("java", lines::add).get();

    assertThat(submitted.accepted()).isEqualTo(3);
    assertThat(end.counts()).containsEntry("edited", 3L);
    assertThat(lines)
        .extracting(BatchLine::requestId)
        .containsExactly("java.1", "java.2", "java.3");
    assertThat(lines).allMatch(line -> line.state().equals("EDITED") && !line.output().isEmpty());
  }

  @Test
  void openAisPackageGetsWhatItExpects() throws Exception {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    assumeTrue(
        run(python, "-c", "import openai; print('there')").contains("there"),
        "not selected: there is no openai for " + python);
    Path image = ApiStream.TOY.resolve("source.png").toAbsolutePath();
    BufferedImage size = ImageIO.read(image.toFile());
    Path mask = folder.resolve("mask.png");
    BufferedImage clear =
        new BufferedImage(size.getWidth(), size.getHeight(), BufferedImage.TYPE_INT_ARGB);
    ImageIO.write(clear, "png", mask.toFile());
    String url = api.stream.endpoints().http() + "/v1";

    assertThat(
            run(
                python,
                "src/test/resources/openai/exchange.py",
                url,
                image.toString(),
                mask.toString()))
        .contains("as expected");
    Path output = folder.resolve("out.png");
    assertThat(
            run(
                python,
                "../docs/clients/openai_edit.py",
                url,
                image.toString(),
                "remove the cat",
                output.toString(),
                "2"))
        .isEmpty();
    assertThat(ImageIO.read(output.toFile()).getWidth()).isEqualTo(size.getWidth());
  }

  private static Edit edit(String source) {
    return Edit.of(source, "remove the smaller cat").with("steps", 2).with("size", 64);
  }

  private static String run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } catch (IOException e) {
      return String.valueOf(e.getMessage()); // no such program
    }
  }
}
