package io.smartedit.standalone;

import io.smartedit.provenance.ContentCredentials;
import io.smartedit.provenance.Status;
import io.smartedit.provenance.TrustAnchors;
import io.smartedit.provenance.Verdict;
import io.smartedit.provenance.Verdict.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit verify}: what an image's content credentials are worth. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks an image's content credentials (C2PA): whether they are there, whether the image is",
      "what was signed, and who signed it. Exits with 0 where they are intact, with 1 otherwise."
    })
final class VerifyCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "PNG, JPEG or WebP.")
  private Path file = Path.of("");

  @Option(
      names = "--trust",
      paramLabel = "PEM",
      description = "Authorities whose signers are trusted; trust is not judged without.")
  private @Nullable Path trust;

  @Override
  public Integer call() throws IOException {
    TrustAnchors anchors = trust == null ? TrustAnchors.NONE : TrustAnchors.read(trust);
    Verdict verdict =
        ContentCredentials.verify(Files.readAllBytes(file), anchors, Clock.systemUTC());
    print("credentials", words(verdict.state()));
    if (verdict.state() != State.ABSENT) {
      print("signer", verdict.signer());
      print("trust", words(verdict.trust()));
      print("written by", verdict.generator());
      verdict.signedAt().ifPresent(time -> print("signed at", time.toString()));
      verdict.findings().forEach(VerifyCommand::print);
    }
    return verdict.state() == State.INTACT ? 0 : Main.FAILED;
  }

  private static void print(Status finding) {
    System.out.printf(
        "  %-13s %-34s %s%n", words(finding.kind()), finding.code(), finding.explanation());
  }

  private static void print(String name, String value) {
    System.out.printf("%-12s %s%n", name + ":", value);
  }

  private static String words(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
