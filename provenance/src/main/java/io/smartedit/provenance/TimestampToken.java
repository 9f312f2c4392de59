package io.smartedit.provenance;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;
import org.jspecify.annotations.Nullable;

/**
 * A time that an authority signed for a message (RFC 3161).
 *
 * @param chain of the authority, its own certificate first
 */
record TimestampToken(Instant time, List<X509Certificate> chain) {

  private static final int MAX_CHAIN = 10;
  private static final Map<String, String> DIGESTS =
      Map.of(
          NISTObjectIdentifiers.id_sha256.getId(), "SHA-256",
          NISTObjectIdentifiers.id_sha384.getId(), "SHA-384",
          NISTObjectIdentifiers.id_sha512.getId(), "SHA-512");

  /**
   * Reads a token and checks that its authority signed it for this message.
   *
   * @throws MalformedManifestException where it is none, or for another message
   */
  static TimestampToken verify(byte[] token, byte[] message) throws MalformedManifestException {
    return verify(() -> new TimeStampToken(new CMSSignedData(token)), message);
  }

  /** The same of an authority's whole answer, which older manifests have. */
  static TimestampToken verifyAnswer(byte[] answer, byte[] message)
      throws MalformedManifestException {
    return verify(() -> new TimeStampResponse(answer).getTimeStampToken(), message);
  }

  private static TimestampToken verify(TokenSource source, byte[] message)
      throws MalformedManifestException {
    try {
      TimeStampToken token = source.read();
      if (token == null) {
        throw new MalformedManifestException("time-stamp was refused by its authority");
      }
      return verify(token, message);
    } catch (TSPException | CMSException | IOException | CertificateException e) {
      throw new MalformedManifestException("time-stamp does not hold: " + e.getMessage(), e);
    } catch (OperatorCreationException | NoSuchAlgorithmException e) {
      throw new MalformedManifestException("time-stamp is signed in an unknown way", e);
    } catch (IllegalArgumentException | IllegalStateException | ClassCastException e) {
      // This is how BouncyCastle says that ASN.1 is not what was wanted.
      throw new MalformedManifestException("time-stamp is malformed", e);
    }
  }

  private static TimestampToken verify(TimeStampToken token, byte[] message)
      throws TSPException,
          IOException,
          CertificateException,
          OperatorCreationException,
          NoSuchAlgorithmException,
          MalformedManifestException {
    String digest = DIGESTS.get(token.getTimeStampInfo().getMessageImprintAlgOID().getId());
    if (digest == null) {
      throw new MalformedManifestException(
          "time-stamp is over an unknown hash "
              + token.getTimeStampInfo().getMessageImprintAlgOID());
    }
    byte[] hash = MessageDigest.getInstance(digest).digest(message);
    if (!MessageDigest.isEqual(hash, token.getTimeStampInfo().getMessageImprintDigest())) {
      throw new MalformedManifestException("time-stamp is for another signature");
    }
    Store<X509CertificateHolder> certificates = token.getCertificates();
    Collection<X509CertificateHolder> authority = authority(token, certificates);
    if (authority.isEmpty()) {
      throw new MalformedManifestException("time-stamp lacks its authority's certificate");
    }
    X509CertificateHolder signer = authority.iterator().next();
    token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(signer));
    return new TimestampToken(
        token.getTimeStampInfo().getGenTime().toInstant(), chain(signer, certificates));
  }

  @SuppressWarnings("unchecked") // a signer's id selects certificates, and does not say so
  private static Collection<X509CertificateHolder> authority(
      TimeStampToken token, Store<X509CertificateHolder> certificates) {
    return certificates.getMatches(token.getSID());
  }

  private interface TokenSource {
    @Nullable TimeStampToken read() throws TSPException, CMSException, IOException;
  }

  private static List<X509Certificate> chain(
      X509CertificateHolder signer, Store<X509CertificateHolder> certificates)
      throws IOException, CertificateException {
    List<X509Certificate> chain = new ArrayList<>();
    Optional<X509CertificateHolder> next = Optional.of(signer);
    while (next.isPresent() && chain.size() < MAX_CHAIN) {
      X509CertificateHolder certificate = next.get();
      chain.add(Pem.certificate(certificate.getEncoded()));
      next =
          certificates.getMatches(null).stream()
              .filter(issuer -> issuer.getSubject().equals(certificate.getIssuer()))
              .filter(issuer -> !issuer.getIssuer().equals(issuer.getSubject()))
              .findFirst();
    }
    return chain;
  }
}
