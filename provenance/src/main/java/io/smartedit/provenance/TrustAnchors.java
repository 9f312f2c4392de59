package io.smartedit.provenance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Certificates of authorities whose signers, and time-stamps, are trusted. */
public record TrustAnchors(Set<X509Certificate> certificates) {

  /** Trust is not judged. */
  public static final TrustAnchors NONE = new TrustAnchors(Set.of());

  public TrustAnchors {
    certificates = Set.copyOf(certificates);
  }

  /** Reads a PEM file of certificates. */
  public static TrustAnchors read(Path pem) throws IOException {
    try {
      List<X509Certificate> certificates =
          Pem.certificates(Files.readString(pem, StandardCharsets.ISO_8859_1));
      if (certificates.isEmpty()) {
        throw new IOException(pem + " holds no certificates in PEM");
      }
      return new TrustAnchors(new HashSet<>(certificates));
    } catch (CertificateException e) {
      throw new IOException(pem + " holds a certificate that cannot be read", e);
    }
  }

  boolean isEmpty() {
    return certificates.isEmpty();
  }

  /** Whether a chain, the signer's certificate first, leads here (RFC 5280, 6). */
  boolean trust(List<X509Certificate> chain, Instant at) {
    List<X509Certificate> path =
        chain.stream().filter(certificate -> !certificates.contains(certificate)).toList();
    if (path.isEmpty()) {
      return true;
    }
    try {
      PKIXParameters parameters =
          new PKIXParameters(
              certificates.stream()
                  .map(certificate -> new TrustAnchor(certificate, null))
                  .collect(Collectors.toSet()));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(at));
      CertPath certPath = CertificateFactory.getInstance("X.509").generateCertPath(path);
      CertPathValidator.getInstance("PKIX").validate(certPath, parameters);
      return true;
    } catch (GeneralSecurityException e) {
      return false; // whatever the reason, the chain does not lead here
    }
  }
}
