package io.smartedit.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.upokecenter.cbor.CBORObject;
import io.smartedit.provenance.TestImages.Format;
import io.smartedit.provenance.Verdict.State;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Manifests that want to take us down. */
final class HostileManifestTest {

  private static final UUID NOBODYS = new UUID(1, 2);

  private static Verdict verify(Format format, byte[] store) {
    byte[] image = TestImages.noise(format, 4, 4, 1);
    byte[] hostile = Container.of(image).orElseThrow().slot(image).fill(store);
    return ContentCredentials.verify(hostile, TrustAnchors.NONE, TestAuthority.CLOCK);
  }

  private static byte[] store(byte[]... manifests) {
    return Superbox.write(Superbox.STORE, "c2pa", List.of(manifests));
  }

  private static byte[] manifest(byte[] claim, byte[]... assertions) {
    return Superbox.write(
        Superbox.MANIFEST,
        "urn:c2pa:m",
        List.of(
            Superbox.write(Superbox.ASSERTION_STORE, "c2pa.assertions", List.of(assertions)),
            Superbox.ofCbor(Superbox.CLAIM, "c2pa.claim.v2", claim),
            Superbox.ofCbor(Superbox.SIGNATURE, "c2pa.signature", new byte[] {0})));
  }

  private static CBORObject claim(CBORObject assertions) {
    return CBORObject.NewMap()
        .Add("instanceID", "i")
        .Add("alg", "sha256")
        .Add("signature", "self#jumbf=c2pa.signature")
        .Add("claim_generator_info", CBORObject.NewMap().Add("name", "evil"))
        .Add("created_assertions", assertions);
  }

  private static void breaks(byte[] store, String code) {
    for (Format format : Format.values()) {
      Verdict verdict = verify(format, store);
      assertThat(verdict.state()).isEqualTo(State.BROKEN);
      assertThat(verdict.failures()).contains(code);
    }
  }

  @Test
  void anEmptyStoreIsBroken() {
    breaks(store(), "general.error");
    breaks(store(Superbox.write(NOBODYS, "x", List.of())), "general.error");
    breaks(store(Superbox.write(Superbox.MANIFEST, "x", List.of())), "claim.missing");
  }

  @Test
  void twoClaimsAreBroken() {
    byte[] claim = Superbox.ofCbor(Superbox.CLAIM, "c2pa.claim.v2", new byte[] {0});

    breaks(store(Superbox.write(Superbox.MANIFEST, "x", List.of(claim, claim))), "claim.multiple");
  }

  @Test
  void boxesInBoxesEnd() {
    byte[] box = Superbox.write(NOBODYS, "x", List.of());
    for (int depth = 0; depth < 2000; depth++) {
      box = Superbox.write(NOBODYS, "x", List.of(box));
    }

    breaks(store(box), "general.error");
  }

  @Test
  void boxesBesideBoxesEnd() {
    byte[][] boxes = new byte[200_000][];
    Arrays.fill(boxes, Superbox.box("free", new byte[0]));

    breaks(store(boxes), "general.error");
  }

  @Test
  void lengthsThatLieAreBroken() {
    byte[] good = store(manifest(new byte[] {0}));
    for (int length : new int[] {0, 1, 2, 7, 8, good.length + 1, Integer.MAX_VALUE, -1}) {
      byte[] lies = good.clone();
      ByteBuffer.wrap(lies).putInt(0, length);
      assertThatThrownBy(() -> Superbox.read(lies)).isInstanceOf(MalformedManifestException.class);
      byte[] within = good.clone();
      int at = 8 + ByteBuffer.wrap(good).getInt(8);
      ByteBuffer.wrap(within).putInt(at, length);
      if (length != ByteBuffer.wrap(good).getInt(at)) {
        assertThatThrownBy(() -> Superbox.read(within))
            .isInstanceOf(MalformedManifestException.class);
      }
    }
  }

  @Test
  void cborThatGoesDeepIsBroken() {
    byte[] deep = new byte[300_000];
    Arrays.fill(deep, (byte) 0x81);

    breaks(store(manifest(deep)), "claim.cbor.invalid");
    Arrays.fill(deep, (byte) 0xC6); // tags of tags
    breaks(store(manifest(deep)), "claim.cbor.invalid");
  }

  @Test
  void cborThatPromisesMoreThanThereIsIsBroken() {
    for (int kind : new int[] {0x5B, 0x7B, 0x9B, 0xBB}) {
      for (long length : new long[] {Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1}) {
        byte[] cbor = ByteBuffer.allocate(9).put((byte) kind).putLong(length).array();
        breaks(store(manifest(cbor)), "claim.cbor.invalid");
      }
    }
  }

  @Test
  void cborThatIsTooLargeIsBroken() {
    breaks(store(manifest(new byte[Cbor.MAX_BYTES + 1])), "claim.cbor.invalid");
  }

  @Test
  void aClaimOfTheSameAssertionManyTimesHashesItOnce() {
    byte[] large = Superbox.ofCbor(Superbox.CBOR, "large", new byte[4 << 20]);
    CBORObject reference =
        new HashedUri("self#jumbf=c2pa.assertions/large", Optional.empty(), new byte[32]).cbor();
    CBORObject assertions = CBORObject.NewArray();
    for (int i = 0; i < 5000; i++) {
      assertions.Add(reference);
    }

    breaks(
        store(manifest(claim(assertions).EncodeToBytes(), large)), "assertion.hashedURI.mismatch");
  }

  @Test
  void moreManifestsThanWeReadAreNotJudged() {
    byte[] large = Superbox.ofCbor(NOBODYS, "large", new byte[ManifestStore.MAX_BYTES]);

    assertThat(verify(Format.PNG, store(large)).state()).isEqualTo(State.NOT_JUDGED);
  }

  @Test
  void referencesThatLeadNowhereAreBroken() {
    List<String> urls =
        List.of(
            "",
            "x",
            "self#jumbf=",
            "self#jumbf=/",
            "self#jumbf=/c2pa",
            "self#jumbf=/c2pa/",
            "self#jumbf=/c2pa/urn:c2pa:m",
            "self#jumbf=c2pa.assertions",
            "self#jumbf=../x",
            "self#jumbf=c2pa.assertions/none",
            "self#jumbf=/c2pa/other/c2pa.assertions/x");
    for (String url : urls) {
      CBORObject reference = CBORObject.NewMap().Add("url", url).Add("hash", new byte[32]);
      byte[] claim = claim(CBORObject.NewArray().Add(reference)).EncodeToBytes();
      assertThat(verify(Format.PNG, store(manifest(claim))).state()).isEqualTo(State.BROKEN);
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoStoresAreBroken(Format format) throws Exception {
    byte[] image = TestImages.noise(format, 4, 4, 1);
    Container container = Container.of(image).orElseThrow();
    byte[] one = container.slot(image).fill(store(manifest(new byte[] {0})));
    int start = container.find(one).get(0).start();
    int length = container.find(one).get(0).length();
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    two.write(one, 0, start + length);
    two.write(one, start, one.length - start);
    byte[] hostile = two.toByteArray();
    if (format == Format.WEBP) {
      ByteBuffer.wrap(hostile).order(ByteOrder.LITTLE_ENDIAN).putInt(4, hostile.length - 8);
    }

    Verdict verdict = ContentCredentials.verify(hostile, TrustAnchors.NONE, TestAuthority.CLOCK);

    assertThat(verdict.state()).isEqualTo(State.BROKEN);
    assertThat(verdict.failures()).containsExactly("general.error");
  }

  @Test
  void exclusionsMayNotLeaveRoom() throws Exception {
    byte[] image = TestImages.noise(Format.PNG, 4, 4, 1);
    List<long[][]> exclusions = new ArrayList<>();
    exclusions.add(new long[][] {{-1, 5}});
    exclusions.add(new long[][] {{5, -1}});
    exclusions.add(new long[][] {{10, 10}, {15, 10}});
    exclusions.add(new long[][] {{30, 10}, {5, 10}});
    exclusions.add(new long[][] {{0, Long.MAX_VALUE}});
    exclusions.add(new long[][] {{Long.MAX_VALUE, Long.MAX_VALUE}});
    exclusions.add(new long[][] {{0, 1_000_000}});
    exclusions.add(new long[][] {{0, 50}}); // from before the manifest into it
    for (long[][] ranges : exclusions) {
      CBORObject list = CBORObject.NewArray();
      for (long[] range : ranges) {
        list.Add(CBORObject.NewMap().Add("start", range[0]).Add("length", range[1]));
      }
      byte[] hash =
          CBORObject.NewMap()
              .Add("alg", "sha256")
              .Add("hash", new byte[32])
              .Add("exclusions", list)
              .EncodeToBytes();
      Superbox assertion = Superbox.read(Superbox.ofCbor(Superbox.CBOR, DataHash.LABEL, hash));
      Findings findings = new Findings();
      byte[] claim = claim(CBORObject.NewArray().Add(reference())).EncodeToBytes();

      DataHash.check(
          assertion,
          Claim.read("c2pa.claim.v2", claim, CBORObject.DecodeFromBytes(claim)),
          "uri",
          image,
          new Container.EmbeddedStore(33, 40, new byte[0]),
          findings);

      assertThat(findings.all())
          .extracting(Status::explanation)
          .containsExactly(findings.all().get(0).explanation())
          .doesNotContain("the image is not what was signed");
    }
  }

  private static CBORObject reference() {
    return CBORObject.NewMap().Add("url", "self#jumbf=c2pa.assertions/x").Add("hash", new byte[1]);
  }
}
