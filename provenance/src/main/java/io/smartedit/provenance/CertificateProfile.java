package io.smartedit.provenance;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What C2PA asks of a certificate that signs claims (2.2, 14.5.1), its time aside. */
final class CertificateProfile {

  private static final String AUTHORITY_KEY = "2.5.29.35";
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int CERTIFICATE_SIGNING = 5;

  private static final Set<String> PURPOSES =
      Set.of(
          "1.3.6.1.5.5.7.3.4", // emailProtection
          "1.3.6.1.5.5.7.3.36", // documentSigning
          "1.3.6.1.4.1.311.76.59.1.9", // Microsoft's C2PA signing
          "1.3.6.1.4.1.62558.2.1"); // C2PA signing
  private static final Set<String> OTHER_PURPOSES =
      Set.of(
          "2.5.29.37.0", // any
          "1.3.6.1.5.5.7.3.8", // timeStamping
          "1.3.6.1.5.5.7.3.9"); // OCSPSigning
  private static final Set<String> SIGNED_BY =
      Set.of(
          "1.2.840.10045.4.3.2", // ECDSA
          "1.2.840.10045.4.3.3",
          "1.2.840.10045.4.3.4",
          "1.2.840.113549.1.1.11", // RSA
          "1.2.840.113549.1.1.12",
          "1.2.840.113549.1.1.13",
          "1.2.840.113549.1.1.10", // RSASSA-PSS
          "1.3.101.112"); // Ed25519

  private CertificateProfile() {}

  /** What keeps a certificate from signing claims, in words that follow its name. */
  static Optional<String> fault(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    if (SigningAlgorithm.of(certificate.getPublicKey()).isEmpty()) {
      return Optional.of(
          "has a key that C2PA does not sign with ("
              + certificate.getPublicKey().getAlgorithm()
              + "); wanted are EC on P-256, P-384 or P-521, Ed25519, and RSA from 2048 bits on");
    }
    if (!SIGNED_BY.contains(certificate.getSigAlgOID())) {
      return Optional.of("is itself signed by " + certificate.getSigAlgName());
    }
    if (certificate.getVersion() != 3) {
      return Optional.of("has version " + certificate.getVersion() + ", not 3");
    }
    if (certificate.getBasicConstraints() >= 0) {
      return Optional.of("is an authority's (CA), not a signer's");
    }
    if (certificate.getIssuerUniqueID() != null || certificate.getSubjectUniqueID() != null) {
      return Optional.of("has unique ids of issuer or subject");
    }
    if (usage == null || !usage[DIGITAL_SIGNATURE]) {
      return Optional.of("lacks key usage digitalSignature");
    }
    if (usage[CERTIFICATE_SIGNING]) {
      return Optional.of("has key usage keyCertSign");
    }
    if (certificate.getExtensionValue(AUTHORITY_KEY) == null) {
      return Optional.of("lacks the authority key identifier; is it signed by itself?");
    }
    return purposeFault(certificate);
  }

  private static Optional<String> purposeFault(X509Certificate certificate) {
    List<String> purposes;
    try {
      purposes = certificate.getExtendedKeyUsage();
    } catch (CertificateParsingException e) {
      return Optional.of("has an extended key usage that cannot be read: " + e.getMessage());
    }
    if (purposes == null || purposes.stream().noneMatch(PURPOSES::contains)) {
      return Optional.of(
          "lacks an extended key usage that signs content: emailProtection, documentSigning or"
              + " 1.3.6.1.4.1.62558.2.1 (C2PA)");
    }
    return purposes.stream()
        .filter(OTHER_PURPOSES::contains)
        .findFirst()
        .map(purpose -> "has extended key usage " + purpose + " besides");
  }
}
