package io.smartedit.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;

/** The law of {@code schemas/README.md}. */
final class EvolutionTest {

  private static final List<Schema> PRESENT =
      List.of(
          EditRequested.getClassSchema(),
          EditCancelled.getClassSchema(),
          EditProgress.getClassSchema(),
          EditOutcome.getClassSchema(),
          EditCompleted.getClassSchema(),
          EditFailed.getClassSchema(),
          EditMetrics.getClassSchema(),
          EditStatus.getClassSchema());

  @Test
  void everyReleasedSchemaReadsAndIsReadByThePresentOne() throws IOException {
    Path released = Path.of("src/test/resources/released");
    for (Schema present : PRESENT) {
      for (Schema old : releasedAs(released, present.getName() + ".avsc")) {
        assertCompatible(present, old);
        assertCompatible(old, present);
      }
      assertCompatible(present, present);
    }
  }

  @Test
  void aFieldWithoutDefaultWouldBeNoticed() {
    Schema old = schema("{\"name\": \"a\", \"type\": \"string\"}");
    Schema grown =
        schema("{\"name\": \"a\", \"type\": \"string\"}, {\"name\": \"b\", \"type\": \"int\"}");

    assertThat(SchemaCompatibility.checkReaderWriterCompatibility(grown, old).getType())
        .isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
  }

  private static List<Schema> releasedAs(Path folder, String file) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of(); // nothing has been released yet
    }
    try (Stream<Path> versions = Files.list(folder)) {
      return versions.map(version -> parse(version.resolve(file))).toList();
    }
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Schema schema(String fields) {
    return new Schema.Parser()
        .parse("{\"type\": \"record\", \"name\": \"R\", \"fields\": [" + fields + "]}");
  }

  private static void assertCompatible(Schema reader, Schema writer) {
    assertThat(SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType())
        .as(reader.getFullName())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }
}
