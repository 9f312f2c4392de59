package io.smartedit.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules: README, "Modules". */
@AnalyzeClasses(packages = "io.smartedit", importOptions = ImportOption.DoNotIncludeTests.class)
final class ModulesTest {

  private static final String[] SERVICES = {
    "io.smartedit.ingest..", "io.smartedit.worker..", "io.smartedit.sink..", "io.smartedit.scaler.."
  };
  private static final String[] NEURAL = {
    "io.smartedit.editor..", "io.smartedit.training..", "io.smartedit.evaluation.."
  };

  @ArchTest
  static final ArchRule INGEST_KNOWS_NO_OTHER_SERVICE =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.ingest..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.smartedit.worker..", "io.smartedit.sink..");

  @ArchTest
  static final ArchRule WORKER_KNOWS_NO_OTHER_SERVICE =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.worker..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.smartedit.ingest..", "io.smartedit.sink..");

  @ArchTest
  static final ArchRule SINK_KNOWS_NO_OTHER_SERVICE =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.sink..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.smartedit.ingest..", "io.smartedit.worker..");

  @ArchTest
  static final ArchRule SCALER_KNOWS_NO_OTHER_SERVICE =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.scaler..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.smartedit.ingest..", "io.smartedit.worker..", "io.smartedit.sink..");

  @ArchTest
  static final ArchRule ONLY_WORKER_AND_TRAINING_SEE_TENSORS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.smartedit.ingest..",
              "io.smartedit.sink..",
              "io.smartedit.service..",
              "io.smartedit.store..",
              "io.smartedit.events..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule NEURAL_MODULES_KNOW_NO_SERVICE =
      noClasses()
          .that()
          .resideInAnyPackage(NEURAL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka..",
              "org.apache.avro..",
              "io.minio..",
              "io.javalin..",
              "io.smartedit.events..",
              "io.smartedit.store..",
              "io.smartedit.service..",
              "io.smartedit.ingest..",
              "io.smartedit.worker..",
              "io.smartedit.sink..");

  @ArchTest
  static final ArchRule PROVENANCE_KNOWS_NO_OTHER_MODULE =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.provenance..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.smartedit..")
                  .and(not(resideInAPackage("io.smartedit.provenance.."))));

  @ArchTest
  static final ArchRule CLIENT_KNOWS_NO_OTHER_MODULE =
      noClasses()
          .that()
          .resideInAPackage("io.smartedit.client..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.smartedit..")
                  .and(not(resideInAPackage("io.smartedit.client.."))));

  @ArchTest
  static final ArchRule ONLY_WORKER_AND_STANDALONE_SIGN =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.smartedit.provenance..", "io.smartedit.worker..", "io.smartedit.standalone..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.smartedit.provenance..");

  @ArchTest
  static final ArchRule ONLY_THE_STORE_KNOWS_MINIO =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.smartedit.store..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.minio..");

  @ArchTest
  static final ArchRule NOTHING_BELOW_KNOWS_STANDALONE =
      noClasses()
          .that()
          .resideInAnyPackage(SERVICES)
          .or()
          .resideInAnyPackage(NEURAL)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.smartedit.standalone..");
}
