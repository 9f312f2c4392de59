package io.smartedit.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.provenance.TestAuthority.Wanted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SigningKeyTest {

  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final KeyPair KEYS = TestAuthority.keys("P-256");
  private static final Wanted GOOD = new Wanted("CN=Editor,O=Shop", KEYS);

  private final Instant now = TestAuthority.CLOCK.instant();

  @TempDir private Path folder = Path.of("");

  private static SigningKey of(String key, String chain) {
    return SigningKey.of("my.key", key, "my.pem", chain, TestAuthority.CLOCK);
  }

  private static void refuses(UnaryOperator<Wanted> change, String... words) {
    String chain = TestAuthority.pem(AUTHORITY.issue(change.apply(GOOD)));
    refuses(() -> of(TestAuthority.pem(KEYS.getPrivate()), chain), words);
  }

  private static void refuses(ThrowingCallable opening, String... words) {
    assertThatThrownBy(opening)
        .isInstanceOf(SigningKeyException.class)
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @CsvSource({
    "P-256, ES256",
    "P-384, ES384",
    "P-521, ES512",
    "Ed25519, ED25519",
    "RSA-2048, PS256"
  })
  void theKeyChoosesTheAlgorithm(String keys, SigningAlgorithm algorithm) {
    assertThat(AUTHORITY.signingKey(keys).algorithm()).isEqualTo(algorithm);
  }

  @Test
  void theRootIsLeftOutOfTheChain() {
    assertThat(AUTHORITY.signingKey("P-256").chain()).hasSize(1);
  }

  @Test
  void aKeyIsReadFromFilesAndNeverShown() throws Exception {
    Path key = Files.writeString(folder.resolve("k"), TestAuthority.pem(KEYS.getPrivate()));
    Path chain = Files.writeString(folder.resolve("c"), TestAuthority.pem(AUTHORITY.issue(GOOD)));

    SigningKey read = SigningKey.read(key, chain, TestAuthority.CLOCK);

    assertThat(read).hasToString("ES256 key of O=Shop,CN=Editor");
    refuses(
        () -> SigningKey.read(folder.resolve("none"), chain, TestAuthority.CLOCK),
        "none",
        "cannot be read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Ed448", "RSA-1024"})
  void aKeyThatC2paDoesNotSignWithIsRefused(String kind) {
    KeyPair keys = TestAuthority.keys(kind);
    X509Certificate certificate = AUTHORITY.issue(new Wanted("CN=Editor,O=Shop", keys));

    refuses(
        () -> of(TestAuthority.pem(keys.getPrivate()), TestAuthority.pem(certificate)),
        "my.pem",
        "has a key that C2PA does not sign with",
        "P-256",
        "Ed25519",
        "2048");
  }

  @Test
  void anotherCertificatesKeyIsRefused() {
    String chain = TestAuthority.pem(AUTHORITY.issue(GOOD));

    for (String kind : new String[] {"P-256", "P-384", "Ed25519", "RSA-2048"}) {
      String other = TestAuthority.pem(TestAuthority.keys(kind).getPrivate());
      refuses(() -> of(other, chain), "my.key is not the key of", "my.pem", "CN=Editor");
    }
  }

  @Test
  void aCertificateOutOfItsTimeIsRefused() {
    refuses(
        wanted -> wanted.between(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2))),
        "CN=Editor",
        "expired at");
    refuses(
        wanted -> wanted.between(now.plus(Duration.ofDays(2)), now.plus(Duration.ofDays(9))),
        "CN=Editor",
        "not valid before");
  }

  @Test
  void aCertificateThatEndsWhileWeRunSignsNoMore() {
    SigningKey key = AUTHORITY.signingKey("P-256");
    Clock later = Clock.fixed(now.plus(Duration.ofDays(400)), ZoneOffset.UTC);

    refuses(() -> key.sign(new byte[1], later), "expired at");
  }

  @Test
  void aCertificateForSomethingElseIsRefused() {
    refuses(wanted -> wanted.withPurpose(KeyPurposeId.id_kp_serverAuth), "extended key usage");
    refuses(wanted -> wanted.withPurpose(KeyPurposeId.id_kp_timeStamping), "extended key usage");
    refuses(wanted -> wanted.withPurpose(KeyPurposeId.anyExtendedKeyUsage), "extended key usage");
    refuses(wanted -> wanted.withUsage(KeyUsage.keyEncipherment), "digitalSignature");
    refuses(wanted -> wanted.withUsage(0), "digitalSignature");
    refuses(
        wanted -> wanted.withUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign),
        "keyCertSign");
    refuses(Wanted::asAuthority, "authority's (CA)");
    refuses(Wanted::withoutNames, "authority key identifier");
  }

  @Test
  void aCertificateOfNoOrganizationIsRefused() {
    String chain = TestAuthority.pem(AUTHORITY.issue(new Wanted("CN=Editor", KEYS)));

    refuses(() -> of(TestAuthority.pem(KEYS.getPrivate()), chain), "names no organization (O)");
  }

  @Test
  void aChainThatIsNoneIsRefused() {
    String key = TestAuthority.pem(KEYS.getPrivate());
    String signer = TestAuthority.pem(AUTHORITY.issue(GOOD));
    String stranger = TestAuthority.pem(new TestAuthority().root());

    refuses(() -> of(key, signer + stranger), "my.pem", "not signed by the next one", "Test Root");
    refuses(() -> of(key, ""), "my.pem holds 0 certificates");
    refuses(() -> of(key, signer.repeat(11)), "my.pem holds 11 certificates", "1 to 10");
    refuses(() -> of(key, signer.replace("MII", "AAA")), "my.pem", "cannot be read");
  }

  @Test
  void whatIsNoKeyIsRefused() {
    String chain = TestAuthority.pem(AUTHORITY.issue(GOOD));
    String key = TestAuthority.pem(KEYS.getPrivate());
    String encrypted =
        """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

        AAAAAAAAAAAAAAAAAAAAAA==
        -----END RSA PRIVATE KEY-----
        """;

    refuses(() -> of("", chain), "my.key holds no private key");
    refuses(() -> of(chain, chain), "my.key holds no private key");
    refuses(() -> of(key.replace("-----\nM", "-----\nA"), chain), "my.key");
    refuses(() -> of(encrypted, chain), "my.key is encrypted");
  }
}
