package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.smartedit.events.EditRequested;
import io.smartedit.service.Problem;
import io.smartedit.service.WebhookPolicy;
import io.smartedit.store.SourcePolicy;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a JSON request may look like, and what is said of one that may not. */
final class RequestReaderTest {

  private static final String SOURCE = "s3://pictures/cat.png";
  private static final String WHOLE =
      "\"source\": \"%s\", \"instruction\": \"go\"".formatted(SOURCE);

  private final RequestReader reader =
      new RequestReader(
          new SourcePolicy(Set.of("pictures"), Set.of()),
          new WebhookPolicy(Set.of("shop.example.com", "*.example.org"), false),
          Clock.fixed(Instant.parse("2026-11-23T18:00:00.123456Z"), ZoneOffset.UTC));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "requestId",
        "tenant",
        "source",
        "instruction",
        "sessionId",
        "model",
        "options",
        "priority",
        "deadline",
        "labels",
        "traceparent",
        "webhook"
      })
  void nothingIsOfEveryType(String field) {
    for (String value : new String[] {"null", "true", "7", "[]", "[{}]"}) {
      assertThat(refused(with(field, value)).field()).as(field + ": " + value).isEqualTo(field);
    }
    boolean isObject = field.equals("options") || field.equals("labels");
    assertThat(refused(with(field, isObject ? "\"x\"" : "{}")).field()).isEqualTo(field);
    if (!isObject) {
      assertThat(refused(with(field, "\"\"")).field()).as(field + ": empty").isEqualTo(field);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://shop.example.com/hook",
        "https://shop.example.com:8443/hook",
        "https://user@shop.example.com/hook",
        "https://shop.example.com@evil.test/hook",
        "https://shop.example.com\\\\@evil.test/hook",
        "https://shop.example.com/hook#part",
        "https://shop.example.com.evil.test/hook",
        "https://example.org/hook",
        "https://evilexample.org/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://2130706433/hook",
        "https://localhost/hook",
        "ftp://shop.example.com/hook"
      })
  void aWebhookElsewhereIsRefused(String url) {
    assertThat(refused(with("webhook", "\"" + url + "\"")).field()).isEqualTo("webhook");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://shop.example.com",
        "https://shop.example.com/hook?order=7",
        "https://a.b.example.org/"
      })
  void aWebhookWhereItMayBeIsTakenOver(String url) {
    String body = with("webhook", "\"" + url + "\"");

    assertThat(reader.read(body.getBytes(StandardCharsets.UTF_8), "default").getWebhook())
        .isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"steps", "guidance", "imageGuidance", "seed", "size"})
  void numbersAreNumbers(String option) {
    String[] others = {"null", "true", "\"8\"", "[8]", "{}", "-1e400", "1e999999999", "8.5e-1e"};
    for (String value : others) {
      Problem problem = refused(with("options", "{\"%s\": %s}".formatted(option, value)));
      if (!value.endsWith("e")) {
        assertThat(problem.field()).as(value).isEqualTo("options." + option);
      }
    }
  }

  @Test
  void adaptersAreNamesAndNumbers() {
    String body = with("options", "{\"adapters\": {\"toon\": 0.5, \"sketch\": -1}}");
    assertThat(
            reader
                .read(body.getBytes(StandardCharsets.UTF_8), "default")
                .getOptions()
                .getAdapters())
        .isEqualTo(Map.of("toon", 0.5, "sketch", -1.0));
    for (String bad : new String[] {"\"toon\"", "[\"toon\"]", "null", "1"}) {
      assertThat(refused(with("options", "{\"adapters\": %s}".formatted(bad))).field())
          .isEqualTo("options.adapters");
    }
    for (String bad : new String[] {"\"1\"", "null", "{}", "1e400", "4.5", "true"}) {
      assertThat(refused(with("options", "{\"adapters\": {\"toon\": %s}}".formatted(bad))).field())
          .as(bad)
          .isEqualTo("options.adapters.toon");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fit", "restore", "format", "prefix"})
  void otherOptionsAreOfTheirTypes(String option) {
    for (String value : new String[] {"null", "0", "\"PNG!\"", "[]", "{}"}) {
      assertThat(refused(with("options", "{\"%s\": %s}".formatted(option, value))).field())
          .isEqualTo("options." + option);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1.0, -1",
    "1e2, 100",
    "0.0, 0",
    "-0.0, 0",
    "-0, 0",
    "1000e-1, 100",
    "9223372036854775807, 9223372036854775807",
    "9.223372036854775807e18, 9223372036854775807",
    "-9223372036854775808, -9223372036854775808"
  })
  void aWholeNumberIsOneHoweverItIsWritten(String seed, long value) {
    assertThat(read(with("options", "{\"seed\": %s}".formatted(seed))).getOptions().getSeed())
        .isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775808", "-1e19", "0.5", "1e-1", "9223372036854775807.5"})
  void noOtherNumberIs(String seed) {
    assertThat(refused(with("options", "{\"seed\": %s}".formatted(seed))).field())
        .isEqualTo("options.seed");
  }

  @Test
  void limitsHoldHoweverANumberIsWritten() {
    assertThat(read(with("options", "{\"steps\": 1e3}")).getOptions().getSteps()).isEqualTo(1000);
    assertThat(refused(with("options", "{\"steps\": 1.001e3}")).field()).isEqualTo("options.steps");
    assertThat(refused(with("options", "{\"size\": 4294967304}")).field())
        .isEqualTo("options.size");
    assertThat(read(with("options", "{\"guidance\": 1e-400}")).getOptions().getGuidance()).isZero();
    assertThat(refused(with("options", "{\"guidance\": 1e400}")).field())
        .isEqualTo("options.guidance");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "7",
        "\"x\"",
        "[]",
        "{",
        "{}{}",
        "{} x",
        "{'a': 1}",
        "{\"a\": NaN}",
        "{\"a\": Infinity}",
        "{\"a\": 01}",
        "{\"a\": 1,}",
        "{\"a\": \"\n\"}",
        "{\"a\": /**/ 1}",
        "{\"a\": [[[[[[[[[[[]]]]]]]]]]]}",
        "\ufeff\ufeff{}"
      })
  void whatIsNoJsonObjectIsSaidSo(String body) {
    Problem problem = refused(body);

    assertThat(problem.status()).isEqualTo(400);
    assertThat(problem.getMessage()).doesNotContain("Jackson", "Stream", "Feature", "com.");
  }

  @Test
  void digitsWithoutEndAreRefusedUnread() {
    assertThat(refused(with("options", "{\"seed\": 1%s}".formatted("0".repeat(5000)))).getMessage())
        .contains("1000 digits");
  }

  @Test
  void onlyUtf8IsRead() {
    String body = with("labels", "{\"street\": \"Große Straße\"}");
    assertThat(reader.read(body.getBytes(StandardCharsets.UTF_8), "t").getLabels())
        .containsEntry("street", "Große Straße");
    assertThat(read("\ufeff" + body).getSource()).isEqualTo(SOURCE);
    for (Charset other : new Charset[] {StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16}) {
      assertThat(refused(body.getBytes(other)).getMessage()).contains("UTF-8");
    }
    assertThat(refused(with("instruction", "\"\\ud83d\"")).field()).isEqualTo("instruction");
    assertThat(refused(with("labels", "{\"\\udc00\": \"\"}")).status()).isEqualTo(400);
  }

  @Test
  void whatStandsTwiceIsRefused() {
    assertThat(refused("{%s, \"source\": \"s3://pictures/dog.png\"}".formatted(WHOLE)).field())
        .isEqualTo("source");
    assertThat(refused(with("options", "{\"seed\": 1, \"seed\": 2}")).field())
        .isEqualTo("options.seed");
  }

  @Test
  void whatIsNotKnownIsNamedInShort() {
    Problem problem = refused(with("x".repeat(10_000), "1"));

    assertThat(problem.field()).startsWith("xxx");
    assertThat(problem.getMessage()).contains("is not known", "instruction").hasSizeLessThan(400);
    assertThat(refused(with("instruction", "\"%s\"".formatted("x".repeat(5000)))).field())
        .isEqualTo("instruction");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-23T18:00:00Z, 2026-11-23T18:00:00Z",
    "2026-11-23T18:00:00.123456789+02:00, 2026-11-23T16:00:00.123Z",
    "9999-12-31T23:59:59-01:00, 9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00+14:00, 0001-01-01T00:00:00Z"
  })
  void deadlinesAreTimesOfRfc3339(String text, Instant time) {
    assertThat(read(with("deadline", "\"%s\"".formatted(text))).getDeadline()).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "soon",
        "2026-11-23",
        "2026-11-23T18:00:00",
        "2026-11-23 18:00:00Z",
        "2026-13-23T18:00:00Z",
        "2026-02-30T18:00:00Z",
        "2026-11-23T24:00:00Z",
        "0000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "+12026-11-23T18:00:00Z",
        "٢٠٢٦-11-23T18:00:00Z"
      })
  void noOtherTextIsATime(String text) {
    assertThat(refused(with("deadline", "\"%s\"".formatted(text))).field()).isEqualTo("deadline");
  }

  @Test
  void charactersAreCountedAsPeopleDo() {
    String faces = "\ud83d\ude00".repeat(4000);
    assertThatCode(() -> read(with("instruction", "\"%s\"".formatted(faces))))
        .doesNotThrowAnyException();
    assertThat(refused(with("instruction", "\"%sx\"".formatted(faces))).field())
        .isEqualTo("instruction");
  }

  @Test
  void aRequestTriedAgainHasNoOldDeadline() {
    EditRequested failed = read(with("deadline", "\"2020-01-01T00:00:00Z\""));

    assertThat(again(failed, "").getDeadline()).isNull();
    assertThat(again(failed, "{\"seed\": 3}").getOptions().getSeed()).isEqualTo(3);
    assertThat(again(failed, "{\"deadline\": \"2030-01-01T00:00:00Z\"}").getDeadline())
        .isEqualTo("2030-01-01T00:00:00Z");
    assertThat(problem(() -> again(failed, "{\"deadline\": null}")).field()).isEqualTo("deadline");
    assertThat(problem(() -> again(failed, "{\"step\": 1}")).field()).isEqualTo("options.step");
    assertThat(problem(() -> again(failed, "[]")).getMessage()).contains("object");
  }

  private EditRequested again(EditRequested failed, String body) {
    return reader.again(EditRequested.newBuilder(failed), body.getBytes(StandardCharsets.UTF_8));
  }

  private EditRequested read(String body) {
    return reader.read(body.getBytes(StandardCharsets.UTF_8), "default");
  }

  private Problem refused(String body) {
    return refused(body.getBytes(StandardCharsets.UTF_8));
  }

  private Problem refused(byte[] body) {
    return problem(() -> reader.read(body, "default"));
  }

  private static Problem problem(ThrowingCallable reading) {
    Problem problem = catchThrowableOfType(Problem.class, reading);
    assertThat(problem).as("nothing is said of it").isNotNull();
    assertThat(problem.status()).isEqualTo(400);
    return problem;
  }

  /** A whole request with one field of this value. */
  private static String with(String field, String value) {
    String own = "\"%s\": %s".formatted(field, value);
    return switch (field) {
      case "source" -> "{%s, \"instruction\": \"go\"}".formatted(own);
      case "instruction" -> "{%s, \"source\": \"%s\"}".formatted(own, SOURCE);
      default -> "{%s, %s}".formatted(WHOLE, own);
    };
  }
}
