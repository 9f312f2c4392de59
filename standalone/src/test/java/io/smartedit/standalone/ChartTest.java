package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.scaler.ScalerSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.sink.SinkSettings;
import io.smartedit.worker.WorkerMain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The chart, rendered by Helm, against Kubernetes' own description and what the services declare.
 */
final class ChartTest {

  private static final Path CHART = Path.of("../deploy/helm/smartedit");
  private static final Map<String, List<Setting<?>>> SERVICES =
      Map.of(
          "ingest", IngestSettings.DECLARED,
          "gpu-worker", WorkerMain.DECLARED,
          "results-sink", SinkSettings.DECLARED,
          "scaler", ScalerSettings.DECLARED);

  /** What refuses an object that has a field too many or too few. */
  @FunctionalInterface
  private interface Check {
    void of(JsonElement object) throws IOException;
  }

  private static final Map<String, Check> KINDS =
      Map.of(
          "Deployment", V1Deployment::validateJsonElement,
          "StatefulSet", V1StatefulSet::validateJsonElement,
          "Service", V1Service::validateJsonElement,
          "Ingress", V1Ingress::validateJsonElement,
          "NetworkPolicy", V1NetworkPolicy::validateJsonElement,
          "PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement);

  @Test
  void helmFindsNoFault() {
    LintResult lint = new Helm(CHART).lint().strict().call();

    assertThat(lint.isFailed()).as(String.join("\n", lint.getMessages())).isFalse();
  }

  @Test
  void everyObjectIsAsKubernetesDescribesIt() {
    List<JsonNode> objects = rendered(true);

    assertThat(objects)
        .extracting(object -> object.path("kind").asText())
        .containsAll(KINDS.keySet())
        .contains("ScaledObject", "PodMonitor");
    for (JsonNode object : objects) {
      Check check = KINDS.get(object.path("kind").asText());
      if (check != null) { // KEDA's and the operator's own kinds are described elsewhere
        assertThatCode(() -> check.of(JsonParser.parseString(object.toString())))
            .as(name(object))
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void settingsAreDeclaredAndSufficient() {
    SERVICES.forEach(
        (service, declared) -> {
          Map<String, String> given = new HashMap<>();
          for (JsonNode variable : container(service).path("env")) {
            given.put(
                variable.path("name").asText(),
                variable.path("value").asText("from elsewhere").replace("$(POD_NAME)", "x-0"));
          }
          assertThat(declared.stream().map(each -> Settings.variable(each.name())).toList())
              .as(service)
              .containsAll(
                  given.keySet().stream()
                      .filter(name -> name.startsWith("SMARTEDIT_"))
                      .filter(name -> !name.startsWith("SMARTEDIT_S3_")) // the sink has no use
                      .toList());
          given.keySet().removeIf(name -> !name.startsWith("SMARTEDIT_"));
          assertThatCode(
                  () -> Settings.read(declared, Settings.given(declared, null, given, List.of())))
              .as(service)
              .doesNotThrowAnyException();
        });
  }

  @Test
  void portsAndProbesAreThoseOfTheServices() {
    SERVICES.forEach(
        (service, declared) -> {
          JsonNode container = container(service);
          String port =
              declared.stream()
                  .filter(setting -> setting.name().equals("http.port"))
                  .map(Setting::fallback)
                  .collect(Collectors.joining());
          assertThat(container.at("/ports/0/containerPort").asText()).isEqualTo(port);
          assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/live");
          assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/ready");
        });
  }

  @Test
  void aWorkerHasTimeToDrain() {
    JsonNode pod = workload("gpu-worker", rendered(false)).at("/spec/template/spec");
    String drain = variable(pod.at("/containers/0"), "SMARTEDIT_WORKER_DRAIN").replace("s", "");

    assertThat(pod.path("terminationGracePeriodSeconds").asInt())
        .isGreaterThanOrEqualTo(Integer.parseInt(drain) + 30);
  }

  @Test
  void nobodyIsRootOrWritesToTheImage() {
    for (String service : SERVICES.keySet()) {
      JsonNode pod = workload(service, rendered(true)).at("/spec/template/spec");
      JsonNode security = pod.at("/containers/0/securityContext");
      assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
      assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
      assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    }
  }

  @Test
  void everyServiceHasABudgetAndAPolicy() {
    for (String kind : List.of("PodDisruptionBudget", "NetworkPolicy")) {
      assertThat(rendered(false))
          .filteredOn(object -> object.path("kind").asText().equals(kind))
          .extracting(ChartTest::name)
          .containsExactlyInAnyOrder("x-ingest", "x-gpu-worker", "x-results-sink");
    }
  }

  @Test
  void kedaIsSentToTheScaler() {
    List<JsonNode> objects = rendered(true);
    JsonNode trigger = only(objects, "ScaledObject", "x-gpu-worker").at("/spec/triggers/0");
    JsonNode service = only(objects, "Service", "x-scaler");
    String port = service.at("/spec/ports/0/port").asText();

    assertThat(trigger.at("/metadata/scalerAddress").asText())
        .startsWith("x-scaler.")
        .endsWith(":" + port);
    assertThat(trigger.at("/metadata/secondsPerWorker").isTextual()).isTrue();
    assertThat(variable(container("scaler"), "SMARTEDIT_SCALER_GRPC_PORT")).isEqualTo(port);
    assertThat(only(objects, "NetworkPolicy", "x-scaler").toString()).contains(port);
    assertThat(only(objects, "StatefulSet", "x-gpu-worker").at("/spec").has("replicas")).isFalse();
  }

  @Test
  void kedaAsksForTheModelThatTheWorkersServe() {
    String text =
        new Helm(CHART)
            .template()
            .withName("x")
            .set("keda.enabled", true)
            .set("keda.model", "sketch")
            .call();

    JsonNode trigger = only(read(text), "ScaledObject", "x-gpu-worker").at("/spec/triggers/0");
    assertThat(trigger.at("/metadata/model").asText()).isEqualTo("sketch");
    assertThat(
            variable(
                workload("gpu-worker", read(text)).at("/spec/template/spec/containers/0"),
                "SMARTEDIT_MODEL_DEFAULT"))
        .isEqualTo("false");
  }

  private static JsonNode only(List<JsonNode> objects, String kind, String name) {
    return objects.stream()
        .filter(object -> object.path("kind").asText().equals(kind) && name(object).equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aGpuIsAskedForAndUsed() {
    JsonNode container =
        workload("gpu-worker", rendered(true)).at("/spec/template/spec/containers/0");

    assertThat(container.at("/resources/limits/nvidia.com~1gpu").asInt()).isEqualTo(1);
    assertThat(variable(container, "SMARTEDIT_MODEL_DENOISER_DEVICE")).isEqualTo("gpu0");
  }

  private static String variable(JsonNode container, String name) {
    for (JsonNode variable : container.path("env")) {
      if (variable.path("name").asText().equals(name)) {
        return variable.path("value").asText();
      }
    }
    throw new AssertionError(name + " is not set");
  }

  private static JsonNode container(String service) {
    return workload(service, rendered(true)).at("/spec/template/spec/containers/0");
  }

  private static JsonNode workload(String service, List<JsonNode> objects) {
    return objects.stream()
        .filter(object -> object.at("/spec/template").isObject())
        .filter(object -> name(object).equals("x-" + service))
        .findFirst()
        .orElseThrow();
  }

  private static String name(JsonNode object) {
    return object.at("/metadata/name").asText();
  }

  /** As it comes, or with all that can be switched on. */
  private static List<JsonNode> rendered(boolean all) {
    var template = new Helm(CHART).template().withName("x");
    if (all) {
      template
          .set("keda.enabled", true)
          .set("podMonitor.enabled", true)
          .set("gpuWorker.gpus", 1)
          .set("ingest.ingress.enabled", true)
          .set("ingest.ingress.host", "edits.example.com")
          .set("ingest.ingress.className", "nginx")
          .set("ingest.ingress.tlsSecret", "tls");
    }
    return read(template.call());
  }

  private static List<JsonNode> read(String text) {
    List<JsonNode> objects = new ArrayList<>();
    for (Object object : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
      if (object != null) {
        objects.add(new ObjectMapper().valueToTree(object));
      }
    }
    return objects;
  }
}
