package io.smartedit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectNameTest {

  @Test
  void namesComeBackAsTheyWereWritten() {
    ObjectName name = ObjectName.parse("s3://inbox/a/b c.png");

    assertThat(name).isEqualTo(new ObjectName("inbox", "a/b c.png"));
    assertThat(name).hasToString("s3://inbox/a/b c.png");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://in/a",
        "s3://",
        "s3://bucket",
        "s3://bucket/",
        "s3://Bucket/a",
        "s3://../a",
        "s3://bucket//a",
        "s3://bucket/a//b",
        "s3://bucket/../a",
        "s3://bucket/a/../../b",
        "s3://bucket/./a",
        "s3://bucket/a\u0000b",
        "s3://-b/a",
        "file:///etc/passwd"
      })
  void whatIsNoNameIsRefused(String uri) {
    assertThatThrownBy(() -> ObjectName.parse(uri)).isInstanceOf(IllegalArgumentException.class);
  }
}
