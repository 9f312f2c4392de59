package io.smartedit.editor.image;

import java.io.StringWriter;
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

  /** A term of IPTC NewsCodes, vocabulary "digitalsourcetype". */
  public static String digitalSourceType(boolean whole) {
    return whole ? "trainedAlgorithmicMedia" : "compositeWithTrainedAlgorithmicMedia";
  }

  /** Of XMP. */
  String packet() {
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
