package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What README and manual show is what there is: Java compiles, commands and files exist. */
final class DocumentationTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMMAND = Pattern.compile("\\./smartedit ([a-z-]+)([^\n`;|#]*)");
  private static final Pattern LINK = Pattern.compile("\\]\\((?!http)([^)#]+)\\)");

  @TempDir private Path folder = Path.of("");

  @Test
  void itsJavaCompiles() throws IOException {
    Matcher matcher = JAVA.matcher(everyPage());
    int snippets = 0;
    while (matcher.find()) {
      String name = "Snippet" + snippets++;
      String code =
          """
          import io.smartedit.client.*;
          import io.smartedit.editor.*;
          import io.smartedit.events.*;
          import io.smartedit.editor.image.*;
          import io.smartedit.editor.options.*;
          import java.net.URI;
          import java.nio.file.Files;
          import java.nio.file.Path;
          import java.time.Duration;
          import java.time.Instant;
          import java.util.*;
          import java.util.stream.Stream;
          import org.apache.kafka.clients.producer.*;
          import org.apache.kafka.common.serialization.*;
          class %s {
            void run(byte[] bytes) throws Exception {
              %s
            }
          }
          """
              .formatted(name, matcher.group(1));
      StringWriter problems = new StringWriter();
      JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
      boolean compiles =
          compiler
              .getTask(
                  problems,
                  null,
                  null,
                  List.of("-proc:none", "-d", folder.toString()),
                  null,
                  List.of(source(name, code)))
              .call();
      assertThat(compiles).as(problems.toString()).isTrue();
    }
    assertThat(snippets).isGreaterThan(1);
  }

  @Test
  void itsCommandsAndOptionsExist() throws IOException {
    Matcher matcher = COMMAND.matcher(everyPage());
    int commands = 0;
    while (matcher.find()) {
      Map<String, CommandLine> all = Main.commandLine().getSubcommands();
      assertThat(all).as(matcher.group()).containsKey(matcher.group(1));
      CommandLine command = Objects.requireNonNull(all.get(matcher.group(1)));
      for (String word : matcher.group(2).split("\\s+", -1)) {
        command = command.getSubcommands().getOrDefault(word, command);
        if (word.startsWith("--") && !word.equals("--") && !matcher.group(2).contains(" -- ")) {
          String option = word.split("=", 2)[0];
          assertThat(command.getCommandSpec().optionsMap()).as(matcher.group()).containsKey(option);
        }
      }
      commands++;
    }
    assertThat(commands).isGreaterThan(10);
  }

  @Test
  void whatItLinksToIsThere() throws IOException {
    for (Path page : pages()) {
      List<String> links = new ArrayList<>();
      LINK.matcher(Files.readString(page)).results().forEach(found -> links.add(found.group(1)));
      assertThat(links)
          .allSatisfy(link -> assertThat(page.resolveSibling(link)).as(page.toString()).exists());
    }
  }

  private static JavaFileObject source(String name, String code) {
    URI uri =
        URI.create(
            "string:///" + name + JavaFileObject.Kind.SOURCE.extension.toLowerCase(Locale.ROOT));
    return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return code;
      }
    };
  }

  private static String everyPage() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path page : pages()) {
      all.append(Files.readString(page));
    }
    return all.toString();
  }

  private static List<Path> pages() throws IOException {
    Path clients = ROOT.resolve("docs/clients/README.md");
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md"), clients));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages;
  }
}
