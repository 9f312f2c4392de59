package io.smartedit.standalone.local;

import io.smartedit.standalone.local.LocalRegistry.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaParseException;

/** Registered schemas, kept in a topic and known by heart. Thread-safe. */
final class SchemaLog implements AutoCloseable {

  private final SchemaTopic topic;
  private final List<Entry> entries;

  /** A schema under a subject; equal schemas have one id everywhere. */
  record Entry(String subject, int version, int id, String schema) {}

  SchemaLog(SchemaTopic topic) {
    this.topic = topic;
    entries = new ArrayList<>(topic.read());
  }

  synchronized Set<String> subjects() {
    Set<String> names = new TreeSet<>();
    entries.forEach(entry -> names.add(entry.subject()));
    return names;
  }

  synchronized Entry byId(int id) {
    return entries.stream()
        .filter(entry -> entry.id() == id)
        .findFirst()
        .orElseThrow(() -> new Refusal(40403, "Schema " + id + " not found."));
  }

  synchronized List<Entry> versions(String subject) {
    List<Entry> versions = of(subject);
    if (versions.isEmpty()) {
      throw new Refusal(40401, "Subject '" + subject + "' not found.");
    }
    return versions;
  }

  /** {@code -1} is the latest. */
  synchronized Entry version(String subject, int version) {
    List<Entry> versions = versions(subject);
    return versions.stream()
        .filter(entry -> entry.version() == (version < 0 ? versions.size() : version))
        .findFirst()
        .orElseThrow(() -> new Refusal(40402, "Version " + version + " not found."));
  }

  synchronized Entry find(String subject, String text) {
    Schema schema = parse(text);
    return versions(subject).stream()
        .filter(entry -> parse(entry.schema()).equals(schema))
        .findFirst()
        .orElseThrow(() -> new Refusal(40403, "Schema not found"));
  }

  /** The schema's entry under the subject, made where it is new. */
  synchronized Entry register(String subject, String text) {
    Schema schema = parse(text);
    List<Entry> versions = of(subject);
    for (Entry entry : versions) {
      if (parse(entry.schema()).equals(schema)) {
        return entry;
      }
    }
    if (!versions.isEmpty()) {
      requireReads(schema, parse(versions.get(versions.size() - 1).schema()), subject);
    }
    int id =
        entries.stream()
            .filter(entry -> parse(entry.schema()).equals(schema))
            .map(Entry::id)
            .findFirst()
            .orElse(1 + entries.stream().mapToInt(Entry::id).max().orElse(0));
    Entry entry = new Entry(subject, versions.size() + 1, id, schema.toString());
    topic.append(entry);
    entries.add(entry);
    return entry;
  }

  @Override
  public void close() {
    topic.close();
  }

  private List<Entry> of(String subject) {
    return entries.stream().filter(entry -> entry.subject().equals(subject)).toList();
  }

  private static void requireReads(Schema reader, Schema writer, String subject) {
    if (SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
        != SchemaCompatibilityType.COMPATIBLE) {
      throw new Refusal(
          409, "Schema being registered is incompatible with an earlier schema for " + subject);
    }
  }

  private static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (SchemaParseException e) {
      throw new Refusal(42201, "Invalid schema: " + e.getMessage());
    }
  }
}
