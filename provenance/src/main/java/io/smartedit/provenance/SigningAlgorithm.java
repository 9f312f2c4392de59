package io.smartedit.provenance;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The signature algorithms that C2PA allows (2.2, 13.2.1), by their numbers in COSE. */
enum SigningAlgorithm {
  ES256(-7, "SHA256withECDSAinP1363Format", null),
  ES384(-35, "SHA384withECDSAinP1363Format", null),
  ES512(-36, "SHA512withECDSAinP1363Format", null),
  PS256(-37, "RSASSA-PSS", pss("SHA-256", MGF1ParameterSpec.SHA256, 32)),
  PS384(-38, "RSASSA-PSS", pss("SHA-384", MGF1ParameterSpec.SHA384, 48)),
  PS512(-39, "RSASSA-PSS", pss("SHA-512", MGF1ParameterSpec.SHA512, 64)),
  ED25519(-8, "Ed25519", null);

  private static final Set<Integer> CURVES = Set.of(256, 384, 521);
  private static final int MIN_RSA = 2048;
  private static final int MAX_RSA = 16_384;

  private final int number;
  private final String name;

  @SuppressWarnings("ImmutableEnumChecker") // it is, and does not say so
  private final @Nullable PSSParameterSpec parameters;

  SigningAlgorithm(int number, String name, @Nullable PSSParameterSpec parameters) {
    this.number = number;
    this.name = name;
    this.parameters = parameters;
  }

  private static PSSParameterSpec pss(String digest, MGF1ParameterSpec mask, int salt) {
    return new PSSParameterSpec(digest, "MGF1", mask, salt, PSSParameterSpec.TRAILER_FIELD_BC);
  }

  static Optional<SigningAlgorithm> of(int number) {
    return Arrays.stream(values()).filter(algorithm -> algorithm.number == number).findFirst();
  }

  /** The one to sign with; none where C2PA allows no signature by such a key. */
  static Optional<SigningAlgorithm> of(PublicKey key) {
    if (key instanceof ECPublicKey) {
      return switch (curve(key)) {
        case 256 -> Optional.of(ES256);
        case 384 -> Optional.of(ES384);
        case 521 -> Optional.of(ES512);
        default -> Optional.empty();
      };
    }
    return Arrays.stream(values()).filter(algorithm -> algorithm.fits(key)).findFirst();
  }

  /** Whether a signature by this algorithm may be checked with that key. */
  boolean fits(PublicKey key) {
    return switch (this) {
      case ES256, ES384, ES512 -> CURVES.contains(curve(key));
      case PS256, PS384, PS512 ->
          key instanceof RSAPublicKey rsa
              && rsa.getModulus().bitLength() >= MIN_RSA
              && rsa.getModulus().bitLength() <= MAX_RSA;
      case ED25519 ->
          key instanceof EdECPublicKey edwards
              && edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName());
    };
  }

  private static int curve(PublicKey key) {
    return key instanceof ECPublicKey point
        ? point.getParams().getCurve().getField().getFieldSize()
        : 0;
  }

  int number() {
    return number;
  }

  byte[] sign(PrivateKey key, byte[] message) throws GeneralSecurityException {
    Signature signature = signature();
    signature.initSign(key);
    signature.update(message);
    return signature.sign();
  }

  boolean verify(PublicKey key, byte[] message, byte[] signed) throws GeneralSecurityException {
    Signature signature = signature();
    signature.initVerify(key);
    signature.update(message);
    return signature.verify(signed);
  }

  private Signature signature() throws GeneralSecurityException {
    Signature signature = Signature.getInstance(name);
    if (parameters != null) {
      signature.setParameter(parameters);
    }
    return signature;
  }
}
