package io.smartedit.editor.image;

import com.adobe.internal.xmp.XMPException;
import com.adobe.internal.xmp.XMPIterator;
import com.adobe.internal.xmp.XMPMeta;
import com.adobe.internal.xmp.XMPMetaFactory;
import com.adobe.internal.xmp.options.IteratorOptions;
import com.adobe.internal.xmp.options.ParseOptions;
import com.adobe.internal.xmp.options.SerializeOptions;
import com.adobe.internal.xmp.properties.XMPPropertyInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A result's XMP: what its source's says and still holds, and where the result comes from. */
final class XmpPacket {

  private static final String XMP = "http://ns.adobe.com/xap/1.0/";
  private static final String IPTC_MORE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
  private static final String SMARTEDIT = "urn:smartedit-stream:1.0/";
  private static final String DUBLIN_CORE = "http://purl.org/dc/elements/1.1/";

  /** Of what lay behind the image or beside it, and is no more there. */
  private static final Set<String> GONE =
      Set.of(
          "http://ns.adobe.com/xmp/note/",
          "http://ns.adobe.com/hdr-gain-map/1.0/",
          "http://ns.google.com/photos/1.0/camera/",
          "http://ns.google.com/photos/1.0/container/",
          "http://ns.google.com/photos/1.0/image/",
          "http://ns.google.com/photos/1.0/depthmap/");

  /** As prefixed names in the usual spelling. */
  private static final Set<String> STALE =
      Set.of(
          "xmp:Thumbnails",
          "tiff:Orientation",
          "tiff:ImageWidth",
          "tiff:ImageLength",
          "exif:PixelXDimension",
          "exif:PixelYDimension",
          "xmpMM:InstanceID",
          "dcterms:provenance");

  private static final Set<String> LOCATION =
      Set.of(
          "photoshop:City",
          "photoshop:State",
          "photoshop:Country",
          "Iptc4xmpCore:Location",
          "Iptc4xmpCore:CountryCode",
          "Iptc4xmpExt:LocationCreated",
          "Iptc4xmpExt:LocationShown");

  static {
    try {
      XMPMetaFactory.getSchemaRegistry().registerNamespace(IPTC_MORE, "Iptc4xmpExt");
      XMPMetaFactory.getSchemaRegistry().registerNamespace(SMARTEDIT, "smartedit");
    } catch (XMPException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private XmpPacket() {}

  /**
   * @param source a packet; null, or damaged, for none
   * @param location whether to keep where the image was taken
   */
  static byte[] of(byte @Nullable [] source, boolean location, Provenance provenance) {
    if (source != null) {
      try {
        ParseOptions safe = new ParseOptions().setDisallowDoctype(true);
        return merged(XMPMetaFactory.parseFromBuffer(source, safe), location, provenance);
      } catch (XMPException | RuntimeException | StackOverflowError e) {
        // Metadata is optional, and XMPCore throws whatever damaged packets lead it to.
      }
    }
    try {
      return merged(XMPMetaFactory.create(), location, provenance);
    } catch (XMPException e) {
      throw new IllegalStateException("XMP takes any text", e);
    }
  }

  private static byte[] merged(XMPMeta meta, boolean location, Provenance provenance)
      throws XMPException {
    remove(meta, location);
    meta.setProperty(IPTC_MORE, "DigitalSourceType", provenance.sourceTypeAddress());
    meta.setProperty(IPTC_MORE, "AISystemUsed", provenance.model());
    meta.setProperty(XMP, "CreatorTool", "SmartEdit Stream " + Provenance.VERSION);
    meta.setProperty(SMARTEDIT, "seed", Long.toString(provenance.seed()));
    if (!provenance.adapters().isEmpty()) {
      meta.setProperty(SMARTEDIT, "adapters", provenance.adapters());
    }
    if (provenance.requestId() != null) {
      meta.setProperty(DUBLIN_CORE, "identifier", provenance.requestId());
    }
    SerializeOptions compact =
        new SerializeOptions().setUseCompactFormat(true).setPadding(0).setSort(true);
    return XMPMetaFactory.serializeToBuffer(meta, compact);
  }

  private static void remove(XMPMeta meta, boolean location) throws XMPException {
    List<XMPPropertyInfo> found = new ArrayList<>();
    XMPIterator all = meta.iterator(new IteratorOptions().setJustChildren(false));
    while (all.hasNext()) {
      XMPPropertyInfo property = (XMPPropertyInfo) all.next();
      if (property.getPath() != null && property.getNamespace() != null) {
        found.add(property);
      }
    }
    for (XMPPropertyInfo property : found) {
      String path = property.getPath();
      boolean stale = GONE.contains(property.getNamespace()) || STALE.contains(path);
      boolean place = LOCATION.contains(path) || path.startsWith("exif:GPS");
      if (stale || (place && !location)) {
        meta.deleteProperty(property.getNamespace(), path);
      }
    }
  }
}
