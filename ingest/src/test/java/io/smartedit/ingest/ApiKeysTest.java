package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ApiKeysTest {

  /** SHA-256 of "one" and "two", by sha256sum. */
  private static final String ONE =
      "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

  private static final String TWO =
      "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

  @BeforeAll
  static void trustEvents() {
    new EventSerializer<EditRequested>(new InMemorySchemaRegistry()).close();
  }

  @TempDir private Path folder = Path.of("");

  @Test
  void withoutAFileAnybodyMay() {
    Caller caller = ApiKeys.read("").caller(null);

    assertThat(caller.usualTenant()).isEqualTo("default");
    assertThat(caller.isFor("anybody")).isTrue();
  }

  @Test
  void aKeyIsKnownByItsHash() throws IOException {
    ApiKeys keys = keys("# shop\n\n" + ONE + " shop\n" + TWO + "  press 7\n");

    assertThat(keys.caller("Bearer one").tenant()).isEqualTo("shop");
    assertThat(keys.caller("Bearer two").limit()).isEqualTo(7);
    for (String wrong : new String[] {null, "", "one", "Basic one", "Bearer three", "Bearer "}) {
      assertThatThrownBy(() -> keys.caller(wrong))
          .as(wrong)
          .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.status()).isEqualTo(401));
    }
  }

  @Test
  void keysOfATenantShareItsLimit() throws IOException {
    ApiKeys keys = keys(ONE + " shop 2\n" + TWO + " shop 2\n");
    EditLimits limits = LoopedLimits.of(new InMemorySchemaRegistry());

    limits.take(keys.caller("Bearer one"));
    limits.take(keys.caller("Bearer two"));

    assertThatThrownBy(() -> limits.take(keys.caller("Bearer one")))
        .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.status()).isEqualTo(429))
        .hasMessageContaining("More than 2 edits in a minute");
  }

  @ParameterizedTest
  @CsvSource({
    "shop, s3://pictures/shop/1.png, ''",
    "shop, request:before, ''",
    "press, s3://pictures/press/1.png, tenant",
    "shop, s3://pictures/press/1.png, source",
    "shop, s3://pictures/shopping/1.png, source",
  })
  void aKeyIsForItsTenantAlone(String tenant, String source, String refused) throws IOException {
    Caller caller = keys(ONE + " shop\n").caller("Bearer one");
    EditRequested request = request(tenant, source);

    if (refused.isEmpty()) {
      assertThatCode(() -> caller.admit(request)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> caller.admit(request))
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> {
                assertThat(problem.status()).isEqualTo(403);
                assertThat(problem.field()).isEqualTo(refused);
              });
    }
  }

  @ParameterizedTest
  @CsvSource({
    "one shop, line 1 must be",
    "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed, line 1 must be",
    "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed shop 0, line 1 must be",
    "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed ../up, names a tenant",
  })
  void aLineThatIsNoKeyIsNamed(String line, String said) {
    assertThatThrownBy(() -> keys(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said);
  }

  @Test
  void aTenantHasOneLimit() {
    assertThatThrownBy(() -> keys(ONE + " shop 2\n" + TWO + " shop\n"))
        .hasMessageContaining("line 2 gives shop another limit");
    assertThatThrownBy(() -> ApiKeys.read(folder.resolve("none").toString()))
        .hasMessageContaining("must be a file");
  }

  private ApiKeys keys(String lines) throws IOException {
    return ApiKeys.read(Files.writeString(folder.resolve("keys"), lines).toString());
  }

  private static EditRequested request(String tenant, String source) {
    return EditRequested.newBuilder()
        .setRequestId("r")
        .setTenant(tenant)
        .setSource(source)
        .setInstruction("remove it")
        .setRequestedAt(Instant.EPOCH)
        .build();
  }
}
