package io.smartedit.editor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The arrows of this module, and its rules that a compiler does not hold. */
@AnalyzeClasses(
    packages = "io.smartedit.editor",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  private static final String[] NETS = {
    "io.smartedit.editor.clip..", "io.smartedit.editor.llama..", "io.smartedit.editor.qformer..",
    "io.smartedit.editor.bim..", "io.smartedit.editor.unet..", "io.smartedit.editor.vae.."
  };

  @ArchTest
  static final ArchRule NETS_KNOW_ONLY_LAYERS =
      classes()
          .that()
          .resideInAnyPackage(NETS)
          .should(
              new ArchCondition<>("depend on their own package, nn and DJL only") {
                @Override
                public void check(JavaClass net, ConditionEvents events) {
                  net.getDirectDependenciesFromSelf().stream()
                      .map(dependency -> dependency.getTargetClass().getPackageName())
                      .filter(name -> name.startsWith("io.smartedit"))
                      .filter(name -> !name.equals(net.getPackageName()))
                      .filter(name -> !name.equals("io.smartedit.editor.nn"))
                      .forEach(
                          name ->
                              events.add(
                                  SimpleConditionEvent.violated(net, net + " uses " + name)));
                }
              });

  @ArchTest
  static final ArchRule LAYERS_KNOW_NOBODY =
      noClasses()
          .that()
          .resideInAnyPackage("io.smartedit.editor.nn..", "io.smartedit.editor.scheduler..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.smartedit.editor.checkpoint..",
              "io.smartedit.editor.pipeline..",
              "io.smartedit.editor.image..",
              "io.smartedit.editor.text..",
              "io.smartedit.editor");

  @ArchTest
  static final ArchRule FILES_KNOW_ONLY_LAYERS =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.editor.checkpoint..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.smartedit.editor.pipeline..", "io.smartedit.editor");

  /** So that nothing turns in a circle between the door and its parts. */
  @ArchTest
  static final ArchRule NO_PART_KNOWS_THE_DOOR =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.editor.*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.smartedit.editor");

  @ArchTest
  static final ArchRule PARTS_TURN_IN_NO_CIRCLE =
      SlicesRuleDefinition.slices().matching("io.smartedit.editor.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_THE_CODEC_KNOWS_AN_IMAGE_LIBRARY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.smartedit.editor.image..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("javax.imageio..", "java.awt..", "com.drew..");

  @ArchTest
  static final ArchRule NO_SERVICE_IS_KNOWN =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..", "io.minio..");

  @ArchTest
  static final ArchRule THE_ENVIRONMENT_IS_NOT_READ =
      noClasses()
          .should()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "getProperty", String.class);

  /** A record's own toString would read tensors from the device. */
  @ArchTest
  static final ArchRule RECORDS_WITH_ARRAYS_SAY_SHAPES =
      classes()
          .that()
          .areRecords()
          .should(
              new ArchCondition<>("declare toString when they hold an NDArray") {
                @Override
                public void check(JavaClass record, ConditionEvents events) {
                  boolean holds =
                      record.getFields().stream()
                          .anyMatch(field -> field.getRawType().isEquivalentTo(NDArray.class));
                  boolean says =
                      record.reflect().getRecordComponents().length > 0
                          && record.getMethods().stream()
                              .anyMatch(
                                  method ->
                                      method.getName().equals("toString")
                                          && !method.getMethodCallsFromSelf().isEmpty());
                  if (holds && !says) {
                    events.add(SimpleConditionEvent.violated(record, record + " lacks toString"));
                  }
                }
              });
}
