package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.events.EditSettings;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What commands say of a request. */
final class RequestOptionsTest {

  @Command
  private static final class Options {
    @Mixin private RequestOptions options = new RequestOptions();
    @Mixin private IngestClient ingest = new IngestClient();
  }

  @Test
  void everyOptionOfARequestMayBeNamed() throws Exception {
    ObjectNode json =
        json(
            "--steps=4",
            "--guidance=7.5",
            "--image-guidance=1.5",
            "--sampler=euler",
            "--size=64",
            "--fit=aspect",
            "--seed=3",
            "--variants=2",
            "--no-composite",
            "--restore",
            "--mask=s3://pictures/mask.png",
            "--region=1,2,3,4",
            "--format=webp",
            "--quality=80",
            "--metadata=strip_all",
            "--adapter=toon=0.8",
            "--adapter=sketch",
            "--prefix=2026");

    assertThat(json.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(
            EditSettings.getClassSchema().getFields().stream().map(Schema.Field::name).toList());
    assertThat(json.path("region"))
        .isEqualTo(new ObjectMapper().readTree("{\"x\":1,\"y\":2,\"width\":3,\"height\":4}"));
    assertThat(json.path("adapters"))
        .isEqualTo(new ObjectMapper().readTree("{\"toon\":0.8,\"sketch\":1.0}"));
    assertThat(json.path("composite").asBoolean(true)).isFalse();
    assertThat(json.path("steps").isInt()).isTrue();
  }

  @Test
  void whatIsNotNamedIsNotSaid() throws Exception {
    assertThat(json()).isEmpty();
    assertThat(json("--composite").path("composite").asBoolean(false)).isTrue();
  }

  @Test
  void aBoxHasFourNumbers() {
    for (String box : List.of("1", "1,2,3", "1,2,3,4,5")) {
      assertThatThrownBy(() -> json("--region=" + box))
          .isInstanceOf(BadRequestException.class)
          .hasMessageContaining("must have 4: X,Y,WIDTH,HEIGHT");
    }
  }

  private static ObjectNode json(String... arguments) throws Exception {
    Options options = new Options();
    new CommandLine(options).parseArgs(arguments);
    return options.options.json(options.ingest);
  }
}
