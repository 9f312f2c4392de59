package io.smartedit.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class TracesTest {

  @Test
  void spansReachTheCollectorBeforeTheServiceEnds() throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          received.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces";

    try (Traces traces = Traces.to(endpoint, "gpu-worker", "w-1")) {
      traces.tracer().spanBuilder("edit").startSpan().end();
    }

    collector.stop(0);
    assertThat(String.join("", received)).contains("gpu-worker", "w-1", "edit");
  }

  @Test
  void withoutACollectorNothingIsRecorded() {
    try (Traces traces = Traces.to("", "gpu-worker", "w-1")) {
      assertThat(traces.tracer().spanBuilder("edit").startSpan().isRecording()).isFalse();
    }
  }

  @Test
  void whatIsNoUrlIsRefused() {
    assertThatThrownBy(
            () -> Settings.read(List.of(Traces.ENDPOINT), Map.of("traces.endpoint", "collector")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("traces.endpoint");
  }
}
