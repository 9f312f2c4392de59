package io.smartedit.editor.image;

import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/**
 * Where an edited image comes from, as its file tells anybody: an XMP packet with IPTC's digital
 * source type for images that generative AI changed.
 *
 * @param model that edited
 * @param seed that it edited with
 * @param requestId of the edit; null where nobody requested it by an id
 * @param whole whether every pixel is the model's, and none the source's own
 */
public record Provenance(String model, long seed, @Nullable String requestId, boolean whole) {

  /** Of the software. */
  public static final String VERSION = "0.1.0";

  private static final String VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/";
  private static final String PNG_FORMAT = "javax_imageio_png_1.0";
  private static final String JPEG_FORMAT = "javax_imageio_jpeg_image_1.0";
  private static final int APP1 = 0xE1;

  /** A term of IPTC NewsCodes, vocabulary "digitalsourcetype". */
  public static String digitalSourceType(boolean whole) {
    return whole ? "trainedAlgorithmicMedia" : "compositeWithTrainedAlgorithmicMedia";
  }

  /** Adds the packet where XMP says that a file of this format has it (XMP part 3). */
  void addTo(IIOMetadata metadata, ImageCodec.Format format) throws IIOInvalidTreeException {
    switch (format) {
      case PNG -> {
        IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
        entry.setAttribute("keyword", "XML:com.adobe.xmp");
        entry.setAttribute("compressionFlag", "FALSE");
        entry.setAttribute("compressionMethod", "0");
        entry.setAttribute("languageTag", "");
        entry.setAttribute("translatedKeyword", "");
        entry.setAttribute("text", packet());
        metadata.mergeTree(PNG_FORMAT, tree(PNG_FORMAT, tree("iTXt", entry)));
      }
      case JPEG -> {
        ByteArrayOutputStream segment = new ByteArrayOutputStream();
        segment.writeBytes("http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII));
        segment.writeBytes(packet().getBytes(StandardCharsets.UTF_8));
        IIOMetadataNode unknown = new IIOMetadataNode("unknown");
        unknown.setAttribute("MarkerTag", Integer.toString(APP1));
        unknown.setUserObject(segment.toByteArray());
        metadata.mergeTree(
            JPEG_FORMAT,
            tree(JPEG_FORMAT, new IIOMetadataNode("JPEGvariety"), tree("markerSequence", unknown)));
      }
    }
  }

  private static IIOMetadataNode tree(String name, IIOMetadataNode... children) {
    IIOMetadataNode node = new IIOMetadataNode(name);
    for (IIOMetadataNode child : children) {
      node.appendChild(child);
    }
    return node;
  }

  private String packet() {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeProcessingInstruction("xpacket", "begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"");
      xml.writeStartElement("x:xmpmeta");
      xml.writeAttribute("xmlns:x", "adobe:ns:meta/");
      xml.writeStartElement("rdf:RDF");
      xml.writeAttribute("xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#");
      xml.writeEmptyElement("rdf:Description");
      xml.writeAttribute("rdf:about", "");
      xml.writeAttribute("xmlns:xmp", "http://ns.adobe.com/xap/1.0/");
      xml.writeAttribute("xmlns:dc", "http://purl.org/dc/elements/1.1/");
      xml.writeAttribute("xmlns:Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/");
      xml.writeAttribute("xmlns:smartedit", "urn:smartedit-stream:1.0/");
      xml.writeAttribute("Iptc4xmpExt:DigitalSourceType", VOCABULARY + digitalSourceType(whole));
      xml.writeAttribute("Iptc4xmpExt:AISystemUsed", model);
      xml.writeAttribute("xmp:CreatorTool", "SmartEdit Stream " + VERSION);
      xml.writeAttribute("smartedit:seed", Long.toString(seed));
      if (requestId != null) {
        xml.writeAttribute("dc:identifier", requestId);
      }
      xml.writeEndElement();
      xml.writeEndElement();
      xml.writeProcessingInstruction("xpacket", "end=\"w\"");
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a string takes any XML", e);
    }
    return text.toString();
  }
}
