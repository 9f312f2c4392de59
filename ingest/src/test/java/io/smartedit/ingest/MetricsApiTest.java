package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Latency;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetricsApiTest {

  private final LoneIngest ingest = new LoneIngest(Map.of(), new InMemorySchemaRegistry());
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);

  @AfterEach
  void stop() {
    ingest.close();
  }

  @Test
  void aTenantsMinutesAreToldAsTheyWereLastSaid() throws Exception {
    ingest.history.add(minute("default", "mini", now, 1));
    ingest.history.add(minute("default", "mini", now, 3));
    ingest.history.add(minute("default", "mini", now.minus(Duration.ofMinutes(10)), 5));
    ingest.history.add(minute("default", "mini", now.minus(Duration.ofMinutes(90)), 7));
    ingest.history.add(minute("other", "mini", now, 9));

    JsonNode minutes = new ObjectMapper().readTree(get("").body()).path("minutes");

    assertThat(minutes)
        .extracting(minute -> minute.at("/counts/EDITED").asInt())
        .containsExactly(5, 3);
    assertThat(minutes.path(1).path("start").asText()).isEqualTo(now.toString());
    assertThat(minutes.path(1).path("model").asText()).isEqualTo("mini");
    assertThat(minutes.path(1).at("/seconds/total/p95").asDouble()).isEqualTo(2.5);
    assertThat(get("?minutes=1440").body()).contains("\"EDITED\":7");
    assertThat(get("?tenant=other").body()).contains("\"EDITED\":9").doesNotContain(":3}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1441", "-1", "x", "1e3", "99999999999999999999", "", "5&minutes=5"})
  void howManyMinutesIsBounded(String minutes) throws Exception {
    HttpResponse<String> answer = get("?minutes=" + minutes);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("from 1 to 1440");
  }

  @Test
  void whatIsKeptIsBounded() {
    for (int i = 0; i < 60_000; i++) {
      ingest.history.add(minute("t-" + i, "m", now, i));
    }

    assertThat(ingest.history.of("t-59999", Instant.EPOCH)).hasSize(1);
    assertThat(ingest.history.of("t-0", Instant.EPOCH)).isEmpty();
  }

  private static EditMetrics minute(String tenant, String model, Instant start, long edited) {
    return EditMetrics.newBuilder()
        .setTenant(tenant)
        .setModel(model)
        .setWindowStart(start)
        .setWindowEnd(start.plusSeconds(60))
        .setCounts(Map.of("EDITED", edited))
        .setSeconds(
            Map.of("total", Latency.newBuilder().setP50(1.5).setP95(2.5).setP99(3.5).build()))
        .build();
  }

  private HttpResponse<String> get(String query) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(ingest.uri("/v1/metrics" + query)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }
}
