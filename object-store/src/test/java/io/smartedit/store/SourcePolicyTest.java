package io.smartedit.store;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SourcePolicyTest {

  private static final SourcePolicy POLICY =
      new SourcePolicy(Set.of("pictures"), Set.of("img.example.com", "*.shop.example"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://pictures/a.png",
        "https://img.example.com/a.png?size=2",
        "https://a.shop.example/x",
        "https://b.a.shop.example/x",
      })
  void whatItNamesIsAllowed(String source) {
    assertThatCode(() -> POLICY.check(source)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "s3://secret/a.png, bucket secret is not among pictures",
    "http://img.example.com/a.png, does not start with s3://",
    "file:///etc/passwd, does not start with s3://",
    "https://example.com/a.png, host example.com is not among",
    "https://img.example.com.evil.example/a, is not among",
    "https://evil-shop.example/a, is not among",
    "https://shop.example/a, is not among",
    "https://IMG.example.com/a, is not among",
    "https://127.0.0.1/a, is not among",
    "https://[::1]/a, is not among",
    "https://img.example.com:8443/a, is not of the form",
    "https://user@img.example.com/a, is not of the form",
    "https://img.example.com/a#b, is not of the form",
    "https://img.example.com\\@evil.example/a, is not a URI",
    "https:///a, is not of the form",
  })
  void theRestIsRefused(String source, String said) {
    assertThatThrownBy(() -> POLICY.check(source))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said);
  }

  @Test
  void withoutHostsTheWebIsNotAsked() {
    SourcePolicy none = new SourcePolicy(Set.of("pictures"), Set.of());

    assertThatThrownBy(() -> none.check("https://img.example.com/a.png"))
        .hasMessage("https:// is not allowed here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "EXAMPLE.com", "*", "*.", "a/b", "host:443", "[::1]"})
  void onlyNamesAreHosts(String host) {
    assertThatThrownBy(() -> new SourcePolicy(Set.of(), Set.of(host)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(host);
  }
}
