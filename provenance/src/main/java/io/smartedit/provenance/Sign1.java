package io.smartedit.provenance;

import com.upokecenter.cbor.CBORObject;
import com.upokecenter.cbor.CBORType;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A COSE signature of something that lies elsewhere (RFC 9052, COSE_Sign1 with detached payload).
 *
 * @param protectedHeader as it was signed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Sign1(byte[] protectedHeader, CBORObject unprotectedHeader, byte[] signature) {

  private static final int TAG = 18;
  private static final int ALGORITHM = 1;
  private static final int CHAIN = 33; // x5chain
  private static final String OLD_CHAIN = "x5chain";
  private static final String TIMESTAMP = "sigTst2";
  private static final String OLD_TIMESTAMP = "sigTst";
  private static final String PAD = "pad";
  private static final int MAX_CHAIN = 10;

  /** The header that says who signs, and how. */
  static byte[] header(SigningKey key) {
    CBORObject chain = CBORObject.NewArray();
    for (X509Certificate certificate : key.chain()) {
      try {
        chain.Add(certificate.getEncoded());
      } catch (CertificateEncodingException e) {
        throw new IllegalStateException("the certificate was read from its encoding", e);
      }
    }
    return CBORObject.NewMap()
        .Add(ALGORITHM, key.algorithm().number())
        .Add(CHAIN, chain.size() == 1 ? chain.get(0) : chain)
        .EncodeToBytes();
  }

  /** What is signed for a payload. */
  static byte[] toBeSigned(byte[] header, byte[] payload) {
    return structure("Signature1", header, payload);
  }

  /** What is time-stamped for a signature (C2PA 2.2, 10.3.2.5). */
  static byte[] toBeStamped(byte[] header, byte[] signature) {
    byte[] encoded = CBORObject.FromObject(signature).EncodeToBytes();
    return structure("CounterSignature", header, encoded);
  }

  private static byte[] structure(String context, byte[] header, byte[] payload) {
    return CBORObject.NewArray()
        .Add(context)
        .Add(header)
        .Add(new byte[0])
        .Add(payload)
        .EncodeToBytes();
  }

  /**
   * A signature's bytes.
   *
   * @param token a time-stamp; empty for none
   * @param pad zeros to add; none for less than 0
   */
  static byte[] write(byte[] header, byte[] signature, byte[] token, int pad) {
    CBORObject unprotected = CBORObject.NewMap();
    if (token.length > 0) {
      CBORObject tokens = CBORObject.NewArray().Add(CBORObject.NewMap().Add("val", token));
      unprotected.Add(TIMESTAMP, CBORObject.NewMap().Add("tstTokens", tokens));
    }
    if (pad >= 0) {
      unprotected.Add(PAD, new byte[pad]);
    }
    CBORObject parts =
        CBORObject.NewArray().Add(header).Add(unprotected).Add(CBORObject.Null).Add(signature);
    return parts.WithTag(TAG).EncodeToBytes();
  }

  static Sign1 read(byte[] bytes) throws MalformedManifestException {
    CBORObject parts = Cbor.read("signature", bytes);
    if (!parts.HasMostOuterTag(TAG)
        || parts.getType() != CBORType.Array
        || parts.size() != 4
        || parts.get(0).getType() != CBORType.ByteString
        || parts.get(1).getType() != CBORType.Map
        || !parts.get(2).isNull()
        || parts.get(3).getType() != CBORType.ByteString) {
      throw new MalformedManifestException("signature is no COSE_Sign1 with detached payload");
    }
    for (byte zero : Cbor.bytes(parts.get(1), PAD).orElse(new byte[0])) {
      if (zero != 0) {
        throw new MalformedManifestException("signature is padded with something");
      }
    }
    return new Sign1(parts.get(0).GetByteString(), parts.get(1), parts.get(3).GetByteString());
  }

  Optional<SigningAlgorithm> algorithm() throws MalformedManifestException {
    return Cbor.get(headers(), ALGORITHM, CBORType.Integer)
        .filter(CBORObject::CanValueFitInInt32)
        .flatMap(number -> SigningAlgorithm.of(number.AsInt32Value()));
  }

  private CBORObject headers() throws MalformedManifestException {
    CBORObject headers =
        protectedHeader.length == 0
            ? CBORObject.NewMap()
            : Cbor.read("header of the signature", protectedHeader);
    if (headers.getType() != CBORType.Map) {
      throw new MalformedManifestException("header of the signature is no map");
    }
    return headers;
  }

  /** The signer's certificate and its issuers'. */
  List<X509Certificate> chain() throws MalformedManifestException {
    List<CBORObject> given = labelled(CBORObject.FromObject(CHAIN));
    if (given.isEmpty()) {
      given = labelled(CBORObject.FromObject(OLD_CHAIN));
    }
    if (given.size() != 1) {
      throw new MalformedManifestException(
          "signature has " + given.size() + " certificate chains, not 1");
    }
    CBORObject chain = given.get(0);
    List<X509Certificate> certificates = new ArrayList<>();
    for (CBORObject der : chain.getType() == CBORType.Array ? chain.getValues() : List.of(chain)) {
      if (der.getType() != CBORType.ByteString || certificates.size() == MAX_CHAIN) {
        throw new MalformedManifestException(
            "signature has a chain that is not 1 to " + MAX_CHAIN + " certificates");
      }
      certificates.add(certificate(der.GetByteString()));
    }
    if (certificates.isEmpty()) {
      throw new MalformedManifestException("signature has no certificate");
    }
    return certificates;
  }

  private List<CBORObject> labelled(CBORObject label) throws MalformedManifestException {
    return Stream.of(headers(), unprotectedHeader)
        .flatMap(header -> Stream.ofNullable(header.get(label)))
        .toList();
  }

  private static X509Certificate certificate(byte[] der) throws MalformedManifestException {
    try {
      return Pem.certificate(der);
    } catch (CertificateException e) {
      throw new MalformedManifestException("signature has a certificate that is malformed", e);
    }
  }

  /**
   * The time-stamp, checked; none where there is none.
   *
   * @param payload that was signed; older time-stamps are for it, not for the signature
   */
  Optional<TimestampToken> timestamp(byte[] payload) throws MalformedManifestException {
    Optional<CBORObject> container = Cbor.get(unprotectedHeader, TIMESTAMP, CBORType.Map);
    Optional<CBORObject> old = Cbor.get(unprotectedHeader, OLD_TIMESTAMP, CBORType.Map);
    if (container.isEmpty() && old.isEmpty()) {
      return Optional.empty();
    }
    List<CBORObject> tokens = Cbor.list(container.or(() -> old).orElseThrow(), "tstTokens");
    Optional<byte[]> token =
        tokens.size() == 1 ? Cbor.bytes(tokens.get(0), "val") : Optional.empty();
    if (token.isEmpty()) {
      throw new MalformedManifestException("signature has no single time-stamp where it has some");
    }
    return Optional.of(
        container.isPresent()
            ? TimestampToken.verify(token.get(), toBeStamped(protectedHeader, signature))
            : TimestampToken.verifyAnswer(
                token.get(), structure("CounterSignature", protectedHeader, payload)));
  }
}
