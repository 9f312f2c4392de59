package io.smartedit.provenance;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority that issues what a test wants. */
final class TestAuthority {

  static final Clock CLOCK = Clock.systemUTC();

  private final KeyPair keys;
  private final X509Certificate root;

  TestAuthority() {
    keys = keys("P-256");
    root = issue(new Wanted("CN=Test Root,O=Test", keys).asAuthority());
  }

  /** What a certificate shall be; good for signing claims unless told otherwise. */
  record Wanted(
      String subject,
      KeyPair keys,
      KeyPurposeId purpose,
      int usage,
      Instant from,
      Instant to,
      boolean authority,
      boolean names) {

    Wanted(String subject, KeyPair keys) {
      this(
          subject,
          keys,
          KeyPurposeId.id_kp_emailProtection,
          KeyUsage.digitalSignature,
          CLOCK.instant().minus(Duration.ofDays(1)),
          CLOCK.instant().plus(Duration.ofDays(365)),
          false,
          true);
    }

    Wanted asAuthority() {
      int signs = KeyUsage.keyCertSign;
      return new Wanted(subject, keys, purpose, signs, from, to, true, names);
    }

    Wanted withPurpose(KeyPurposeId other) {
      return new Wanted(subject, keys, other, usage, from, to, authority, names);
    }

    Wanted withUsage(int other) {
      return new Wanted(subject, keys, purpose, other, from, to, authority, names);
    }

    Wanted between(Instant first, Instant last) {
      return new Wanted(subject, keys, purpose, usage, first, last, authority, names);
    }

    Wanted withoutNames() {
      return new Wanted(subject, keys, purpose, usage, from, to, authority, false);
    }
  }

  static KeyPair keys(String kind) {
    try {
      if (kind.startsWith("RSA-")) {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(Integer.parseInt(kind.substring(4)));
        return generator.generateKeyPair();
      }
      if (kind.startsWith("P-")) {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp" + kind.substring(2) + "r1"));
        return generator.generateKeyPair();
      }
      return KeyPairGenerator.getInstance(kind).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  X509Certificate root() {
    return root;
  }

  TrustAnchors anchors() {
    return new TrustAnchors(Set.of(root));
  }

  X509Certificate issue(Wanted wanted) {
    try {
      JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=Test Root,O=Test"),
              BigInteger.valueOf(System.nanoTime()),
              Date.from(wanted.from),
              Date.from(wanted.to),
              new X500Name(wanted.subject),
              wanted.keys.getPublic());
      builder.addExtension(
          Extension.basicConstraints, true, new BasicConstraints(wanted.authority));
      if (wanted.usage != 0) {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(wanted.usage));
      }
      if (!wanted.authority) {
        builder.addExtension(
            Extension.extendedKeyUsage, true, new ExtendedKeyUsage(wanted.purpose));
      }
      if (wanted.names) {
        builder.addExtension(
            Extension.subjectKeyIdentifier,
            false,
            utils.createSubjectKeyIdentifier(wanted.keys.getPublic()));
        builder.addExtension(
            Extension.authorityKeyIdentifier,
            false,
            utils.createAuthorityKeyIdentifier(keys.getPublic()));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }

  /** A key of that kind, good for signing claims. */
  SigningKey signingKey(String kind) {
    KeyPair pair = keys(kind);
    X509Certificate certificate = issue(new Wanted("CN=Editor,O=Test Shop", pair));
    return SigningKey.of(
        "key", pem(pair.getPrivate()), "certificates", pem(certificate) + pem(root), CLOCK);
  }

  static String pem(PrivateKey key) {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  static String pem(X509Certificate certificate) {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String pem(String what, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }
}
