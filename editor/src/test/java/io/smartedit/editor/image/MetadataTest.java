package io.smartedit.editor.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.drew.imaging.ImageMetadataReader;
import com.drew.metadata.Directory;
import com.drew.metadata.exif.ExifDirectoryBase;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifSubIFDDirectory;
import com.drew.metadata.exif.ExifThumbnailDirectory;
import com.drew.metadata.exif.GpsDirectory;
import com.drew.metadata.iptc.IptcDirectory;
import com.drew.metadata.jfif.JfifDirectory;
import com.drew.metadata.xmp.XmpDirectory;
import io.smartedit.editor.image.Encoding.Keep;
import io.smartedit.editor.image.ImageCodec.Format;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MetadataTest {

  private static final Provenance PROVENANCE = new Provenance("model", "toon=0.8", 7, "r-1", false);
  private static final String XMP =
      """
      <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
       xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
       xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
       xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
       xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" tiff:Orientation="6"
       exif:GPSLatitude="52,30.5N" photoshop:City="Berlin" photoshop:Credit="A. Person"
       xmp:CreatorTool="Camera"><dc:creator><rdf:Seq><rdf:li>A. Person</rdf:li></rdf:Seq>
       </dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>
      """;

  @ParameterizedTest
  @EnumSource
  void whatIsWantedOfASourceIsKept(Format format) throws Exception {
    byte[] file = result(format, Keep.ALL);

    Map<String, String> xmp = xmp(file);
    assertThat(xmp)
        .containsEntry("dc:creator[1]", "A. Person")
        .containsEntry("photoshop:City", "Berlin")
        .containsEntry("exif:GPSLatitude", "52,30.5N")
        .containsEntry("smartedit:seed", "7")
        .containsEntry("smartedit:adapters", "toon=0.8")
        .containsEntry("xmp:CreatorTool", "SmartEdit Stream " + Provenance.VERSION)
        .doesNotContainKey("tiff:Orientation");
    Directory first = directory(file, ExifIFD0Directory.class);
    assertThat(first.getString(ExifDirectoryBase.TAG_ARTIST)).isEqualTo("A. Person");
    assertThat(first.getInt(ExifDirectoryBase.TAG_ORIENTATION)).isEqualTo(1);
    assertThat(directory(file, GpsDirectory.class).getString(GpsDirectory.TAG_LATITUDE_REF))
        .isEqualTo("N");
    Directory exif = directory(file, ExifSubIFDDirectory.class);
    assertThat(exif.getInt(ExifDirectoryBase.TAG_EXIF_IMAGE_WIDTH)).isEqualTo(9);
    assertThat(exif.containsTag(ExifDirectoryBase.TAG_MAKERNOTE)).isFalse();
    assertThat(directory(file, ExifThumbnailDirectory.class)).isNull();
    if (format == Format.JPEG) {
      assertThat(directory(file, JfifDirectory.class).getInt(JfifDirectory.TAG_RESX))
          .isEqualTo(300);
      assertThat(directory(file, IptcDirectory.class).getString(IptcDirectory.TAG_CITY))
          .isEqualTo("Bonn");
    }
  }

  @ParameterizedTest
  @EnumSource
  void locationIsLeftOut(Format format) throws Exception {
    byte[] file = result(format, Keep.NO_LOCATION);

    assertThat(directory(file, GpsDirectory.class)).isNull();
    assertThat(directory(file, ExifIFD0Directory.class).getString(ExifDirectoryBase.TAG_ARTIST))
        .isEqualTo("A. Person");
    assertThat(xmp(file))
        .containsEntry("photoshop:Credit", "A. Person")
        .doesNotContainKeys("exif:GPSLatitude", "photoshop:City");
    if (format == Format.JPEG) {
      Directory iptc = directory(file, IptcDirectory.class);
      assertThat(iptc.getString(IptcDirectory.TAG_CAPTION)).isEqualTo("A dog");
      assertThat(iptc.containsTag(IptcDirectory.TAG_CITY)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLeftButWhereTheResultComesFrom(Format format) throws Exception {
    byte[] file = result(format, Keep.NOTHING);

    assertThat(directory(file, ExifIFD0Directory.class)).isNull();
    assertThat(directory(file, IptcDirectory.class)).isNull();
    assertThat(xmp(file))
        .containsEntry("smartedit:seed", "7")
        .doesNotContainKey("photoshop:Credit");
  }

  @Test
  void damagedMetadataIsAsNone() {
    Random random = new Random(5);
    for (int i = 0; i < 3000; i++) {
      byte[] exif = exif();
      byte[] xmp = XMP.getBytes(StandardCharsets.UTF_8);
      for (int j = 0; j < 1 + i % 6; j++) {
        exif[random.nextInt(exif.length)] = (byte) random.nextInt();
        xmp[random.nextInt(xmp.length)] = (byte) random.nextInt();
      }
      assertThatCode(
              () -> {
                ExifWriter.rewritten(exif, 3, 3, true);
                XmpPacket.of(xmp, false, PROVENANCE);
              })
          .doesNotThrowAnyException();
    }
    String deep = "<a>".repeat(100_000);
    assertThat(XmpPacket.of(deep.getBytes(StandardCharsets.UTF_8), true, PROVENANCE)).isNotEmpty();
  }

  private static byte[] result(Format format, Keep keep) {
    FullImage image = FullImage.of(new Image(9, 5, new byte[9 * 5 * 3]));
    byte[] plain = ImageCodec.encode(image, Encoding.of(Format.JPEG), PROVENANCE);
    byte[] iptc = latin("\34\2\132\0\4Bonn\34\2\170\0\5A dog");
    ByteBuffer pixels = ByteBuffer.wrap(plain);
    byte[] source =
        Envelope.around(
            pixels,
            Format.JPEG,
            9,
            5,
            new Companions(
                null,
                exif(),
                iptc,
                XMP.getBytes(StandardCharsets.UTF_8),
                new Resolution(300, 300)));
    FullImage decoded = ImageCodec.decodeFull(source, ImageLimits.DEFAULT);
    return ImageCodec.encode(decoded, new Encoding(format, 90, keep), PROVENANCE);
  }

  /** Artist, orientation 1, EXIF with a maker's note, GPS, and a thumbnail. */
  private static byte[] exif() {
    ByteBuffer tiff = ByteBuffer.allocate(240);
    tiff.put(latin("MM\0*")).putInt(8);
    tiff.putShort((short) 4);
    entry(tiff, 274, 3, 1, 1 << 16);
    entry(tiff, 315, 2, 10, 150);
    entry(tiff, 34665, 4, 1, 80);
    entry(tiff, 34853, 4, 1, 120);
    tiff.putInt(200); // the thumbnail's directory
    tiff.position(80).putShort((short) 2);
    entry(tiff, 37500, 7, 12, 170);
    entry(tiff, 40962, 4, 1, 4000);
    tiff.putInt(0);
    tiff.position(120).putShort((short) 1);
    entry(tiff, 1, 2, 2, 'N' << 24);
    tiff.putInt(0);
    tiff.put(150, latin("A. Person\0"));
    tiff.position(200).putShort((short) 2);
    entry(tiff, 513, 4, 1, 232);
    entry(tiff, 514, 4, 1, 8);
    return tiff.putInt(0).array();
  }

  private static void entry(ByteBuffer tiff, int tag, int type, int count, int value) {
    tiff.putShort((short) tag).putShort((short) type).putInt(count).putInt(value);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Map<String, String> xmp(byte[] file) throws Exception {
    // The first packet of our own: files made of files have one only.
    return directory(file, XmpDirectory.class).getXmpProperties();
  }

  private static <T extends Directory> T directory(byte[] file, Class<T> kind) throws Exception {
    return ImageMetadataReader.readMetadata(new ByteArrayInputStream(file))
        .getFirstDirectoryOfType(kind);
  }
}
