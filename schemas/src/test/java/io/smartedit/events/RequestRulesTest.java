package io.smartedit.events;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestRulesTest {

  private static final String CAT = "\ud83d\udc08";

  static {
    Trust.ours();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -62_135_596_800_001L, 253_402_300_800_000L, Long.MAX_VALUE})
  void timesThatOtherLanguagesHaveNotAreRefused(long millis) {
    Instant time = Instant.ofEpochMilli(millis);

    assertRefused(request().setRequestedAt(time), "requestedAt", "requestedAt is " + time, "9999");
    assertRefused(request().setDeadline(time), "deadline", "deadline is " + time, "9999");
    assertThat(RequestRules.isQuotable(request().setDeadline(time).build())).isFalse();
    assertThat(RequestRules.isQuotable(request().setRequestedAt(time).build())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {-62_135_596_800_000L, 0, 253_402_300_799_999L})
  void timesThatTheyHavePass(long millis) {
    EditRequested request =
        request()
            .setRequestedAt(Instant.ofEpochMilli(millis))
            .setDeadline(Instant.ofEpochMilli(millis))
            .build();

    assertThatCode(() -> RequestRules.check(request)).doesNotThrowAnyException();
    assertThat(RequestRules.isQuotable(request)).isTrue();
  }

  record Bad(EditRequested.Builder request, String field, String said) {}

  static List<Bad> bad() {
    return List.of(
        new Bad(request().setRequestId(""), "requestId", "is ''"),
        new Bad(request().setRequestId("a\nb"), "requestId", "is 'a?b'"),
        new Bad(request().setRequestId("x".repeat(65)), "requestId", "xxx...'"),
        new Bad(request().setTenant("a/b"), "tenant", "'a/b'"),
        new Bad(request().setSessionId("s".repeat(65)), "sessionId", "1 to 64"),
        new Bad(request().setSessionId("s s"), "sessionId", "'s s'"),
        new Bad(request().setModel("\u0000"), "model", "'?'"),
        new Bad(request().setSource(""), "source", "is empty"),
        new Bad(request().setSource("s3://a/\u0007"), "source", "U+0007"),
        new Bad(request().setSource("s3://" + "a".repeat(1200)), "source", "1205"),
        new Bad(request().setInstruction("\u2003\n"), "instruction", "is empty"),
        new Bad(request().setInstruction("a\u0000"), "instruction", "U+0000"),
        new Bad(request().setInstruction("a\ud800b"), "instruction", "U+D800"),
        new Bad(request().setInstruction("a".repeat(4001)), "instruction", "4001"),
        new Bad(request().setLabels(labels(33, 1)), "labels", "33"),
        new Bad(request().setLabels(Map.of("a".repeat(257), "")), "labels", "257"),
        new Bad(request().setLabels(Map.of("a", "b".repeat(257))), "labels.'a'", "257"),
        new Bad(request().setLabels(Map.of("a", "\udc00")), "labels.'a'", "U+DC00"),
        new Bad(request().setTraceparent("00-0-0-00"), "traceparent", "'00-0-0-00'"),
        new Bad(
            request().setTraceparent("00-" + "0".repeat(32) + "-" + "1".repeat(16) + "-01"),
            "traceparent",
            "is not a W3C traceparent"),
        new Bad(request().setRedrives(-1), "redrives", "is -1"),
        new Bad(request().setRedrives(Integer.MAX_VALUE), "redrives", "1000"),
        new Bad(with(o -> o.setSteps(0)), "options.steps", "is 0"),
        new Bad(with(o -> o.setSize(1028)), "options.size", "is 1028"),
        new Bad(with(o -> o.setGuidance(Double.NaN)), "options.guidance", "is NaN"),
        new Bad(
            with(o -> o.setImageGuidance(Double.POSITIVE_INFINITY)),
            "options.imageGuidance",
            "is Infinity"),
        new Bad(with(o -> o.setPrefix("a/../b")), "options.prefix", "'a/../b'"),
        new Bad(with(o -> o.setSampler("a b")), "options.sampler", "'a b'"),
        new Bad(with(o -> o.setMask("")), "options.mask", "is empty"),
        new Bad(with(o -> o.setRegion(new Region(-1, 0, 1, 1))), "options.region.x", "is -1"),
        new Bad(with(o -> o.setRegion(new Region(0, 0, 1, 0))), "options.region.height", "is 0"),
        new Bad(with(o -> o.setVariants(0)), "options.variants", "is 0"),
        new Bad(with(o -> o.setVariants(17)), "options.variants", "16"),
        new Bad(
            with(o -> o.setVariants(2).setSeed(Long.MAX_VALUE)), "options.seed", "for 2 variants"),
        new Bad(with(o -> o.setQuality(101)), "options.quality", "100"),
        new Bad(with(o -> o.setAdapters(Map.of("a b", 1.0))), "options.adapters", "'a b'"),
        new Bad(
            with(o -> o.setAdapters(Map.of("toon", Double.NaN))),
            "options.adapters.toon",
            "is NaN, must be from -4.0 to 4.0"),
        new Bad(
            with(o -> o.setAdapters(Map.of("toon", -4.001))), "options.adapters.toon", "is -4.001"),
        new Bad(
            with(o -> o.setAdapters(Map.of("a", 1.0, "b", 1.0, "c", 1.0, "d", 1.0, "e", 1.0))),
            "options.adapters",
            "are 5, more than 4"),
        new Bad(request().setBatch("a/b").setBatchLine(1), "batch", "'a/b'"),
        new Bad(request().setBatch("b"), "batchLine", "from 1 to 10000000"),
        new Bad(request().setBatch("b").setBatchLine(10_000_001), "batchLine", "is 10000001"),
        new Bad(request().setBatchLine(1), "batchLine", "from 0 to 0"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aRefusalNamesTheFieldTheValueAndTheLimit(Bad bad) {
    assertRefused(bad.request(), bad.field(), bad.said());
  }

  @Test
  void theLargestRequestIsOfTheSizeThatIsPromised() {
    EditRequested largest =
        request()
            .setInstruction(CAT.repeat(4000))
            .setSource("s3://" + CAT.repeat(1195))
            .setLabels(labels(32, 256))
            .setBatch("b".repeat(64))
            .setBatchLine(RequestRules.MAX_BATCH_LINES)
            .setOptions(
                EditSettings.newBuilder()
                    .setMask(CAT.repeat(1200))
                    .setPrefix("p".repeat(128))
                    .build())
            .build();
    RequestRules.check(largest);

    byte[] bytes =
        new EventSerializer<EditRequested>(new InMemorySchemaRegistry()).serialize("t", largest);

    assertThat(requireNonNull(bytes).length).isLessThan(RequestRules.MAX_BYTES);
  }

  private static Map<String, String> labels(int count, int length) {
    return IntStream.range(0, count)
        .boxed()
        .collect(
            Collectors.toMap(
                i -> CAT.repeat(Math.max(length, 3) - 3) + (100 + i), i -> CAT.repeat(length)));
  }

  private static EditRequested.Builder with(
      java.util.function.UnaryOperator<EditSettings.Builder> change) {
    return request().setOptions(change.apply(EditSettings.newBuilder()).build());
  }

  private static void assertRefused(EditRequested.Builder request, String field, String... said) {
    assertThatThrownBy(() -> RequestRules.check(request.build()))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.field()).isEqualTo(field))
        .hasMessageContainingAll(said);
  }

  private static EditRequested.Builder request() {
    return EditRequested.newBuilder()
        .setRequestId("r-1")
        .setSource("s3://pictures/a.png")
        .setInstruction("remove the cat")
        .setRequestedAt(Instant.ofEpochMilli(1_700_000_000_000L));
  }
}
