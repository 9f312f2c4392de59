package io.smartedit.provenance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import java.util.List;

/**
 * A private key and the certificates that vouch for it, checked to be what C2PA signs with.
 * Immutable; never shows the key.
 */
public final class SigningKey {

  private static final int MAX_CHAIN = 10;
  private static final long MAX_FILE = 1 << 18;

  private final PrivateKey key;
  private final SigningAlgorithm algorithm;
  private final List<X509Certificate> chain;

  private SigningKey(PrivateKey key, SigningAlgorithm algorithm, List<X509Certificate> chain) {
    this.key = key;
    this.algorithm = algorithm;
    this.chain = List.copyOf(chain);
  }

  /**
   * Reads PEM files.
   *
   * @param key unencrypted, PKCS#8 or as openssl writes it
   * @param certificates the signer's first, then each one's issuer
   * @throws SigningKeyException saying what is wrong with which
   */
  public static SigningKey read(Path key, Path certificates, Clock clock) {
    return of(
        key.toString(),
        text(key, "key"),
        certificates.toString(),
        text(certificates, "certificates"),
        clock);
  }

  static SigningKey of(
      String keyName, String keyPem, String chainName, String chainPem, Clock clock) {
    PrivateKey key = key(keyName, keyPem);
    List<X509Certificate> chain = chain(chainName, chainPem);
    X509Certificate signer = chain.get(0);
    String named = chainName + ": the certificate of " + name(signer);
    CertificateProfile.fault(signer)
        .ifPresent(
            fault -> {
              throw new SigningKeyException(named + " " + fault);
            });
    if (!signer.getSubjectX500Principal().getName().matches("(?s)(.*[,+])?O=.*")) {
      throw new SigningKeyException(named + " names no organization (O), which verifiers want");
    }
    checkChain(chainName, chain);
    SigningAlgorithm algorithm = SigningAlgorithm.of(signer.getPublicKey()).orElseThrow();
    SigningKey signing = new SigningKey(key, algorithm, withoutRoot(chain));
    signing.checkTime(clock);
    signing.checkFits(keyName, named);
    return signing;
  }

  private static String text(Path file, String what) {
    try {
      if (Files.size(file) > MAX_FILE) {
        throw new SigningKeyException(
            what + " " + file + " has " + Files.size(file) + " bytes, more than " + MAX_FILE);
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new SigningKeyException(what + " " + file + " cannot be read", e);
    }
  }

  private static PrivateKey key(String name, String pem) {
    try {
      return Pem.privateKey(name, pem);
    } catch (IOException e) {
      throw new SigningKeyException(name + " holds a private key that cannot be read", e);
    }
  }

  private static List<X509Certificate> chain(String name, String pem) {
    List<X509Certificate> chain;
    try {
      chain = Pem.certificates(pem);
    } catch (IOException | CertificateException e) {
      throw new SigningKeyException(name + " holds a certificate that cannot be read", e);
    }
    if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
      throw new SigningKeyException(
          name + " holds " + chain.size() + " certificates in PEM, not 1 to " + MAX_CHAIN);
    }
    return chain;
  }

  private static void checkChain(String name, List<X509Certificate> chain) {
    for (int i = 0; i + 1 < chain.size(); i++) {
      try {
        chain.get(i).verify(chain.get(i + 1).getPublicKey());
      } catch (GeneralSecurityException e) {
        throw new SigningKeyException(
            name
                + ": the certificate of "
                + name(chain.get(i))
                + " is not signed by the next one, of "
                + name(chain.get(i + 1)),
            e);
      }
    }
  }

  /** Verifiers have their own roots; C2PA wants none among the certificates. */
  private static List<X509Certificate> withoutRoot(List<X509Certificate> chain) {
    X509Certificate last = chain.get(chain.size() - 1);
    boolean root = last.getSubjectX500Principal().equals(last.getIssuerX500Principal());
    return root && chain.size() > 1 ? chain.subList(0, chain.size() - 1) : chain;
  }

  private void checkFits(String keyName, String certificate) {
    byte[] probe = keyName.getBytes(StandardCharsets.UTF_8);
    try {
      if (algorithm.verify(signer().getPublicKey(), probe, algorithm.sign(key, probe))) {
        return;
      }
    } catch (GeneralSecurityException e) {
      throw new SigningKeyException(keyName + " is not the key of " + certificate, e);
    }
    throw new SigningKeyException(keyName + " is not the key of " + certificate);
  }

  /** Certificates end while services run. */
  private void checkTime(Clock clock) {
    Date now = Date.from(clock.instant());
    for (X509Certificate certificate : chain) {
      try {
        certificate.checkValidity(now);
      } catch (CertificateExpiredException e) {
        throw new SigningKeyException(
            "the certificate of "
                + name(certificate)
                + " expired at "
                + certificate.getNotAfter().toInstant(),
            e);
      } catch (CertificateNotYetValidException e) {
        throw new SigningKeyException(
            "the certificate of "
                + name(certificate)
                + " is not valid before "
                + certificate.getNotBefore().toInstant(),
            e);
      }
    }
  }

  private static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  /**
   * Signs.
   *
   * @throws SigningKeyException where the certificate's time is over
   */
  byte[] sign(byte[] message, Clock clock) {
    checkTime(clock);
    try {
      return algorithm.sign(key, message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key signed when it was read", e);
    }
  }

  SigningAlgorithm algorithm() {
    return algorithm;
  }

  List<X509Certificate> chain() {
    return chain;
  }

  private X509Certificate signer() {
    return chain.get(0);
  }

  @Override
  public String toString() {
    return algorithm + " key of " + name(signer());
  }
}
