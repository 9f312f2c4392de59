package io.smartedit.provenance;

import io.smartedit.provenance.Status.Kind;
import io.smartedit.provenance.Verdict.Trust;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/** The check of a claim's signature (C2PA 2.2, 15.7 and 15.8), and who made it when. */
final class SignatureCheck {

  private final TrustAnchors anchors;
  private final Clock clock;
  private final Findings findings;
  private String signer = "";
  private Optional<Instant> signedAt = Optional.empty();
  private Trust trust = Trust.UNTRUSTED;

  SignatureCheck(TrustAnchors anchors, Clock clock, Findings findings) {
    this.anchors = anchors;
    this.clock = clock;
    this.findings = findings;
  }

  void check(Superbox box, byte[] claim, String uri) {
    Sign1 signature;
    List<X509Certificate> chain;
    Optional<SigningAlgorithm> algorithm;
    try {
      signature = Sign1.read(box.cbor());
      algorithm = signature.algorithm();
    } catch (MalformedManifestException e) {
      findings.fail("claimSignature.mismatch", uri, e.getMessage());
      return;
    }
    if (algorithm.isEmpty()) {
      findings.fail("algorithm.unsupported", uri, "signature algorithm is not one of C2PA's");
      return;
    }
    try {
      chain = signature.chain();
    } catch (MalformedManifestException e) {
      findings.fail("signingCredential.invalid", uri, e.getMessage());
      return;
    }
    signer = chain.get(0).getSubjectX500Principal().getName();
    CertificateProfile.fault(chain.get(0))
        .ifPresent(
            fault -> findings.fail("signingCredential.invalid", uri, "the certificate " + fault));
    timestamp(signature, claim, uri);
    checkTime(chain.get(0), uri);
    checkTrust(chain, uri);
    boolean signed =
        verify(
            algorithm.get(),
            chain.get(0),
            Sign1.toBeSigned(signature.protectedHeader(), claim),
            signature);
    findings.add(
        signed ? Kind.SUCCESS : Kind.FAILURE,
        signed ? "claimSignature.validated" : "claimSignature.mismatch",
        uri,
        signed ? "the signer signed this claim" : "the signer did not sign this claim");
  }

  /** A time-stamp that does not hold is as none (C2PA 2.2, 15.8.2). */
  private void timestamp(Sign1 signature, byte[] claim, String uri) {
    try {
      Optional<TimestampToken> token = signature.timestamp(claim);
      if (token.isEmpty()) {
        return;
      }
      boolean known = anchors.isEmpty() || anchors.trust(token.get().chain(), token.get().time());
      if (known) {
        signedAt = token.map(TimestampToken::time);
        findings.add(Kind.SUCCESS, "timeStamp.validated", uri, "signed at " + token.get().time());
      } else {
        findings.note("timeStamp.untrusted", uri, "the time-stamp's authority is not trusted");
      }
    } catch (MalformedManifestException e) {
      findings.note("timeStamp.mismatch", uri, String.valueOf(e.getMessage()));
    }
  }

  private void checkTime(X509Certificate certificate, String uri) {
    Instant at = signedAt.orElseGet(clock::instant);
    try {
      certificate.checkValidity(Date.from(at));
      findings.add(
          Kind.SUCCESS, "claimSignature.insideValidity", uri, "the certificate is valid at " + at);
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      findings.fail("claimSignature.outsideValidity", uri, "the certificate is not valid at " + at);
    }
  }

  private void checkTrust(List<X509Certificate> chain, String uri) {
    if (anchors.isEmpty()) {
      return;
    }
    if (anchors.trust(chain, signedAt.orElseGet(clock::instant))) {
      trust = Trust.TRUSTED;
      findings.add(Kind.SUCCESS, "signingCredential.trusted", uri, "the signer is trusted");
    } else {
      findings.fail(Findings.UNTRUSTED, uri, "nobody trusted vouches for the signer");
    }
  }

  private static boolean verify(
      SigningAlgorithm algorithm, X509Certificate signer, byte[] message, Sign1 signature) {
    try {
      return algorithm.fits(signer.getPublicKey())
          && algorithm.verify(signer.getPublicKey(), message, signature.signature());
    } catch (GeneralSecurityException e) {
      return false; // a signature of a wrong form is a wrong signature
    }
  }

  String signer() {
    return signer;
  }

  Optional<Instant> signedAt() {
    return signedAt;
  }

  Trust trust() {
    return trust;
  }
}
